import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { logEFail, logEPass } from '../../src/verdict/statistics/e-process.js';
import { eBH, lowerDifference, rateInterval, upperDifference } from '../../src/verdict/statistics/intervals.js';
import { groupThreshold } from '../../src/verdict/thresholds.js';
import type { Decision, ItemKey, Observation } from '../../src/verdict/verdict.js';
import { BAD, config, FINE, LOST } from './support.js';

type Bit = 0 | 1 | null;
interface GateInput {
  items: [number, number, string][];
  cfg: { t: number; h: number; tg?: number; hg?: number; tp?: number; hp?: number; maxBlocks?: number } & {
    J?: number;
    eta?: number;
  };
  blocks: { y: Bit[]; x: Bit[]; order: number[] }[];
}
interface GateExpected {
  blocks: number;
  fail: [number, number, number];
  pass: [number, number, number];
  cs95: [number, number];
  verdict: string;
  answers: number;
  logEFail: number;
  latched: string[];
}
interface Counts {
  nPlus: number;
  nZero: number;
  nMinus: number;
}
type Vector = { id: number } & (
  | { fn: 'logEFail'; input: Counts & { t: number }; expected: number | '-Infinity' }
  | { fn: 'logEPass'; input: Counts & { h: number }; expected: number | '-Infinity' }
  | { fn: 'diffCS'; input: Counts & { alpha: number }; expected: [number, number] }
  | { fn: 'rateCS'; input: { s: number; n: number; alpha: number }; expected: [number, number] }
  | { fn: 'eBH'; input: { E: number[]; q: number }; expected: number[] }
  | { fn: 'thresholds'; input: { K: number; size: number; h: number; t: number }; expected: [number, number] }
  | { fn: 'gate'; input: GateInput; expected: GateExpected }
);

const file = new URL('../fixtures/verdict-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };

const pairs = ({ nPlus, nZero, nMinus }: Counts) => ({ plus: nPlus, zero: nZero, minus: nMinus });

function observation(bit: Bit | undefined): Observation {
  return bit === null || bit === undefined ? LOST : bit === 1 ? BAD : FINE;
}

/**
 * The reference takes `t` for the threshold at which FAIL is tested, the judge's differential error already in it;
 * our `tolerance` is what the user tolerates, to which the engine adds that error (verdict.md, section 7 b).
 */
function engineOf({ items, cfg }: GateInput): VerdictEngine {
  const eta = cfg.eta ?? 0;
  const keys = items.map(([probe, category, variant]) => ({
    probe: String(probe),
    category: String(category),
    variant,
  }));
  const settings = {
    margin: cfg.h,
    tolerance: cfg.t - eta,
    groupMargin: cfg.hg ?? ('auto' as const),
    groupTolerance: cfg.tg ?? (eta > 0 ? cfg.t - eta : ('auto' as const)),
    probeMargin: cfg.hp ?? 0.5,
    probeTolerance: cfg.tp ?? (eta > 0 ? cfg.t - eta : ('auto' as const)),
    maxBlocks: cfg.maxBlocks ?? ('auto' as const),
    // The reference knows no guards.
    maxUnjudged: 1,
    maxBaselineRate: 1,
    incoherentHarmMargin: 0.99,
    secondLine: false as const,
  };
  return new VerdictEngine(keys, config(settings, { judgeError: { youdenLower: cfg.J ?? 1, differential: eta } }));
}

/** The reference names its levels by their place in sorted order: g0, g1 … over categories and then variants, p0 … */
function latched(engine: VerdictEngine, items: readonly ItemKey[]): string[] {
  const sorted = (key: keyof ItemKey) => [...new Set(items.map((item) => item[key]))].sort();
  const several = (key: 'category' | 'variant') =>
    sorted(key).length > 1 ? sorted(key).map((n) => `${key}:${n}`) : [];
  const groups = [...several('category'), ...several('variant')];
  const shown = engine.standings().filter(({ shownBelowMargin }) => shownBelowMargin);
  const names = shown.map(({ level }) => {
    if (level.kind === 'battery') return 'all';
    if (level.kind === 'probe') return `p${sorted('probe').indexOf(level.name)}`;
    return `g${groups.indexOf(`${level.kind}:${level.name}`)}`;
  });
  return names.sort();
}

function replay(engine: VerdictEngine, input: GateInput): Decision | undefined {
  let decision: Decision | undefined;
  for (const { y, x, order } of input.blocks) {
    engine.openBlock(y.map(observation));
    for (const index of order) {
      decision ??= engine.record(index, observation(x[index]));
      if (decision) return decision;
    }
  }
  return decision;
}

describe('the 49 vectors of the reference', () => {
  it('are all there', () => expect(vectors).toHaveLength(49));

  for (const vector of vectors) {
    it(`${vector.id}: ${vector.fn}`, () => {
      switch (vector.fn) {
        case 'logEFail':
          return close(logEFail(pairs(vector.input), vector.input.t), vector.expected, 1e-9);
        case 'logEPass':
          return close(logEPass(pairs(vector.input), vector.input.h), vector.expected, 1e-9);
        case 'diffCS': {
          const { alpha } = vector.input;
          close(lowerDifference(pairs(vector.input), alpha / 2), vector.expected[0], 1e-7);
          return close(upperDifference(pairs(vector.input), alpha / 2), vector.expected[1], 1e-7);
        }
        case 'rateCS': {
          const { lower, upper } = rateInterval(vector.input.s, vector.input.n, vector.input.alpha);
          close(lower, vector.expected[0], 1e-7);
          return close(upper, vector.expected[1], 1e-7);
        }
        case 'eBH':
          return expect(eBH(vector.input.E.map(Math.log), vector.input.q)).toEqual(vector.expected);
        case 'thresholds': {
          const { K, size, h, t } = vector.input;
          const { margin, tolerance } = groupThreshold({ margin: h, tolerance: t }, size, K);
          close(margin, vector.expected[0], 1e-12);
          return close(tolerance, vector.expected[1], 1e-12);
        }
        case 'gate':
          return gate(vector.input, vector.expected);
      }
    });
  }
});

function gate(input: GateInput, expected: GateExpected): void {
  const engine = engineOf(input);
  const decision = replay(engine, input);
  const summary = engine.summary();
  const battery = engine.standings()[0];
  expect(decision?.verdict.toUpperCase() ?? 'CONTINUE').toBe(expected.verdict);
  expect([summary.blocks, summary.answers]).toEqual([expected.blocks, expected.answers]);
  expect(battery?.fail).toEqual({ plus: expected.fail[0], zero: expected.fail[1], minus: expected.fail[2] });
  expect(battery?.pass).toEqual({ plus: expected.pass[0], zero: expected.pass[1], minus: expected.pass[2] });
  close(summary.logEFail, expected.logEFail, 1e-9);
  close(summary.difference?.lower, expected.cs95[0], 1e-7);
  close(summary.difference?.upper, expected.cs95[1], 1e-7);
  const items = input.items.map(([probe, category, variant]) => ({
    probe: String(probe),
    category: String(category),
    variant,
  }));
  expect(latched(engine, items)).toEqual([...expected.latched].sort());
}

function close(found: number | undefined, expected: number | '-Infinity', tolerance: number): void {
  if (expected === '-Infinity') expect(found).toBe(Number.NEGATIVE_INFINITY);
  else expect(Math.abs((found ?? Number.NaN) - expected)).toBeLessThanOrEqual(tolerance);
}
