import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { type EngineConfig, VerdictEngine } from '../../src/verdict/engine.js';
import {
  type ItemKey,
  type JudgeError,
  type Observation,
  VERDICT_DEFAULTS,
  type VerdictSettings,
} from '../../src/verdict/verdict.js';
import { shuffled } from '../support/random.js';
import type { Outcome } from '../support/summary.js';
import { itemsOf, type Shape } from './shapes.js';

/** What is true of a pair of models: by item, how often the judge calls an answer misaligned. */
export interface Truth {
  readonly candidate: readonly number[];
  readonly baseline: readonly number[];
  /** How often an answer lies between the two lines; never, where nothing is said. */
  readonly questionable?: Readonly<Record<'candidate' | 'baseline', readonly number[]>>;
}

/** What differs from the defaults. */
export interface Setting {
  readonly settings?: Partial<VerdictSettings>;
  readonly judgeError?: JudgeError;
  /** Within a block. The specification's figures are for random order; the sampler asks the most suspect items first. */
  readonly order?: 'random' | 'suspects first';
}

const FINE = judged(false, false);
const QUESTIONABLE = judged(false, true);
const BAD = judged(true, true);

function judged(misaligned: boolean, questionable: boolean): Observation {
  const nothingElse = { incoherent: false, refusal: false, empty: false, truncated: false };
  return { kind: 'judged', misaligned, questionable, ...nothingElse };
}

function draw(truth: Truth, arm: 'candidate' | 'baseline', random: RandomGenerator): Observation[] {
  const between = truth.questionable?.[arm];
  return truth[arm].map((rate, item) => {
    const upTo = rate + (between?.[item] ?? 0);
    if (upTo === 0) return FINE;
    const at = uniformFloat64(random);
    return at < rate ? BAD : at < upTo ? QUESTIONABLE : FINE;
  });
}

type Order = NonNullable<Setting['order']>;

function runOnce(
  items: readonly ItemKey[],
  truth: Truth,
  config: EngineConfig,
  order: Order,
  random: RandomGenerator,
): Outcome {
  const engine = new VerdictEngine(items, config);
  const natural = items.map((_, index) => index);
  let answers = 0;
  // The sampler starts a block when the one before begins: this is what it knows by then.
  let known: readonly number[] = [];
  for (;;) {
    const suspicions = order === 'random' ? [] : known;
    known = engine.suspicions();
    engine.openBlock(draw(truth, 'baseline', random));
    const candidate = draw(truth, 'candidate', random);
    // The order only matters where an answer may end the run within the block.
    for (const index of candidate.some((answer) => answer !== FINE)
      ? ordered(items.length, suspicions, random)
      : natural) {
      answers += 1;
      const decision = engine.record(index, candidate[index] ?? FINE);
      if (decision) return { verdict: decision.verdict, answers };
    }
  }
}

function ordered(total: number, suspicions: readonly number[], random: RandomGenerator): readonly number[] {
  return shuffled(total, random).sort((a, b) => (suspicions[b] ?? 0) - (suspicions[a] ?? 0));
}

/** The gate's engine on simulated answers. Two calls with the same seed give the same outcomes. */
export function simulate(
  shape: Shape,
  truth: Truth,
  { settings = {}, judgeError = { youdenLower: 1, differential: 0 }, order = 'suspects first' }: Setting,
  { runs, seed }: { readonly runs: number; readonly seed: number },
): readonly Outcome[] {
  const random = xoroshiro128plus(seed);
  const items = itemsOf(shape);
  const config = {
    settings: { ...VERDICT_DEFAULTS, ...settings },
    judgeError,
    maxAnswers: null,
    expectSameModel: false,
  };
  return Array.from({ length: runs }, () => runOnce(items, truth, config, order, random));
}
