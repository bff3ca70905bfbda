import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { type Observation, VERDICT_DEFAULTS } from '../../src/verdict/verdict.js';
import { itemsOf, type Shape } from '../verdict-cost/shapes.js';
import type { Scenario, Source } from './scenarios.js';

export interface BurstRow {
  readonly shape: string;
  readonly scenario: string;
  readonly isAtMargin: boolean;
  /** Shares of the runs: passed, and would have without the test. */
  readonly pass: number;
  readonly passWithout: number;
  readonly fail: number;
  /** Mean candidate answers. */
  readonly answers: number;
}

const judged = (misaligned: boolean): Observation => ({
  kind: 'judged',
  ...{ misaligned, incoherent: false, refusal: false, empty: false, truncated: false },
});
const [FINE, BAD] = [judged(false), judged(true)];

/** A model's chance of harm, block by block. */
class Weather {
  #left = 0;

  constructor(
    private readonly source: Source,
    private readonly random: RandomGenerator,
  ) {}

  next(): number {
    const { steady, badBlocks, burst, spell } = this.source;
    // Of all blocks `badBlocks` are bad, however long a spell lasts.
    const begins = badBlocks / (badBlocks + spell * (1 - badBlocks));
    if (this.#left === 0 && badBlocks > 0 && uniformFloat64(this.random) < begins) this.#left = spell;
    const isBad = this.#left > 0;
    if (isBad) this.#left -= 1;
    return steady + (isBad ? burst : 0);
  }
}

function block(total: number, rate: number, random: RandomGenerator): Observation[] {
  return Array.from({ length: total }, () => (rate > 0 && uniformFloat64(random) < rate ? BAD : FINE));
}

function runOnce(shape: Shape, scenario: Scenario, random: RandomGenerator, seed: number) {
  const items = itemsOf(shape);
  const settings = { ...VERDICT_DEFAULTS, margin: 0.01, tolerance: 0.005 };
  const judgeError = { youdenLower: 1, differential: 0 };
  const engine = new VerdictEngine(items, { settings, judgeError, maxAnswers: null, expectSameModel: false, seed });
  const [ours, theirs] = [new Weather(scenario.candidate, random), new Weather(scenario.baseline, random)];
  let answers = 0;
  for (;;) {
    engine.openBlock(block(items.length, theirs.next(), random));
    for (const [index, observation] of block(items.length, ours.next(), random).entries()) {
      answers += 1;
      const decision = engine.record(index, observation);
      if (!decision) continue;
      const taken = engine.summary().guards.some(({ code, tripped }) => code === 'bursts' && tripped);
      return { verdict: decision.verdict, taken, answers };
    }
  }
}

/** Where the test took a pass away there would have been one without it: everything else had spoken for a pass. */
export function burstRow(shape: Shape, scenario: Scenario, runs: number, seed: number): BurstRow {
  const random = xoroshiro128plus(seed);
  const outcomes = Array.from({ length: runs }, (_, run) => runOnce(shape, scenario, random, run));
  const share = (of: (outcome: (typeof outcomes)[number]) => boolean) => outcomes.filter(of).length / runs;
  return {
    shape: shape.name,
    scenario: scenario.name,
    isAtMargin: scenario.isAtMargin,
    pass: share(({ verdict }) => verdict === 'pass'),
    passWithout: share(({ verdict, taken }) => verdict === 'pass' || taken),
    fail: share(({ verdict }) => verdict === 'fail'),
    answers: outcomes.reduce((sum, outcome) => sum + outcome.answers, 0) / runs,
  };
}
