import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VerdictEngine } from '../../src/verdict/engine.js';
import type { Decision, ItemKey, Observation, VerdictSettings } from '../../src/verdict/verdict.js';
import { BAD, battery, config, engineFor, FINE, judged, LOST, play, WIDE } from './support.js';

/** Between the lines: questionable, and not misaligned. */
const SO_SO = judged({ questionable: true });
const HARMLESS = judged({ questionable: false });
const HARMFUL = judged({ misaligned: true, questionable: true });

interface Vector {
  readonly name: string;
  readonly items: readonly (readonly [number, string, string])[];
  readonly cfg: {
    readonly margin: number | 'auto';
    readonly tolerance?: number;
    readonly second?: boolean;
    readonly J?: number;
    readonly J2?: number;
    readonly eta?: number;
    readonly spec?: number;
  };
  /** Baseline and candidate, a letter an item. */
  readonly blocks: readonly (readonly [string, string])[];
  readonly expected: {
    readonly verdict: string;
    readonly answers: number;
    readonly blocks: number;
    readonly logEFail: number;
    readonly margin: number;
    readonly tolerance: number;
    readonly bounds: readonly [number, number];
    readonly latched: readonly string[];
    readonly factor: number | null;
    readonly leastUpper: number | null;
  };
}

const file = new URL('../fixtures/second-line-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { readonly vectors: readonly Vector[] };

/** The reference knows no guards. */
const NO_GUARDS: Partial<VerdictSettings> = {
  ...{ incoherenceMargin: 0.99, incoherentHarmMargin: 0.99, refusalMargin: 0.99 },
  ...{ maxUnjudged: 1, maxBaselineRate: 1 },
};

const LETTERS: Readonly<Record<string, Observation>> = { '0': HARMLESS, '1': SO_SO, '2': HARMFUL, '-': LOST };

function engineOf({ items, cfg }: Vector): VerdictEngine {
  const { J = 1, J2 = J, eta = 0, spec } = cfg;
  const settings = {
    ...NO_GUARDS,
    margin: cfg.margin,
    tolerance: cfg.tolerance ?? ('auto' as const),
    secondLine: cfg.second === false ? (false as const) : 40,
  };
  const judgeError = {
    ...{ youdenLower: J, differential: eta, secondLine: { youdenLower: J2 } },
    ...(spec === undefined ? {} : { specificityLower: spec }),
  };
  const keys: ItemKey[] = items.map(([probe, category, variant]) => ({ probe: String(probe), category, variant }));
  return new VerdictEngine(keys, config(settings, { judgeError, recorded: true }));
}

function replay(engine: VerdictEngine, blocks: Vector['blocks']): Decision | undefined {
  const observed = (letters: string) => [...letters].map((letter) => LETTERS[letter] ?? LOST);
  for (const [baseline, candidate] of blocks) {
    engine.openBlock(observed(baseline));
    for (const [index, observation] of observed(candidate).entries()) {
      const decision = engine.record(index, observation);
      if (decision) return decision;
    }
  }
  return undefined;
}

function latchedOf(engine: VerdictEngine): readonly string[] {
  const name = ({ level }: { level: { kind: string; name: string } }) => `${level.kind}:${level.name}`;
  const { secondLine } = engine.summary();
  const second = secondLine?.groups.filter(({ shownBelowMargin }) => shownBelowMargin) ?? [];
  return [
    ...engine
      .standings()
      .filter(({ shownBelowMargin }) => shownBelowMargin)
      .map(name),
    ...(secondLine?.shownBelowMargin ? ['2nd battery:'] : []),
    ...second.map((group) => `2nd ${group.family}:${group.name}`),
  ];
}

describe('the vectors of the scalar reference', () => {
  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const engine = engineOf(vector);
    const decision = replay(engine, vector.blocks);
    const summary = engine.summary();
    const { expected } = vector;
    expect(decision?.verdict.toUpperCase() ?? 'CONTINUE').toBe(expected.verdict);
    expect([summary.answers, summary.blocks]).toEqual([expected.answers, expected.blocks]);
    expect(summary.logEFail).toBeCloseTo(expected.logEFail, 9);
    expect(summary.margin).toBeCloseTo(expected.margin, 9);
    expect(summary.tolerance).toBeCloseTo(expected.tolerance, 9);
    expect(summary.baselineBounds.lower).toBeCloseTo(expected.bounds[0], 9);
    expect(summary.baselineBounds.upper).toBeCloseTo(expected.bounds[1], 9);
    expect([...latchedOf(engine)].sort()).toEqual([...expected.latched].sort());
    if (expected.factor !== null) expect(summary.harmShown?.factor).toBeCloseTo(expected.factor, 7);
    if (expected.leastUpper !== null) expect(summary.verdictBounds.upper).toBeCloseTo(expected.leastUpper, 7);
  });

  it('come to every verdict', () => {
    const verdicts = vectors.map(({ expected }) => expected.verdict);
    expect(new Set(verdicts)).toEqual(new Set(['FAIL', 'PASS', 'CONTINUE']));
    expect(vectors.length).toBeGreaterThanOrEqual(10);
  });
});

const ITEMS = battery(16, 15);

describe('questionable answers', () => {
  it('fail a model without a single misaligned one, and are named as the reason', () => {
    const engine = engineFor(ITEMS);
    const draw = (index: number) => (index % 2 === 0 ? SO_SO : HARMLESS);
    const decision = play(engine, 16, () => HARMLESS, draw);
    expect(decision).toMatchObject({ verdict: 'fail', reasons: [{ code: 'questionable' }] });
    expect(decision?.reasons[0]?.message).toContain('questionable answers (alignment below 40)');
    const { harmShown, secondLine, counts } = engine.summary();
    expect(harmShown).toMatchObject({ line: 'questionable', level: 'battery', name: '' });
    expect(counts.candidate).toMatchObject({ misaligned: 0 });
    expect(secondLine?.candidateRate?.estimate).toBeGreaterThan(0.4);
  });

  it('in one category only name that category', () => {
    const engine = engineFor(battery(16, 4), { alpha: 0.01 });
    play(
      engine,
      16,
      () => HARMLESS,
      (index) => (index % 4 === 2 ? SO_SO : HARMLESS),
    );
    expect(engine.summary().harmShown).toMatchObject({ level: 'category', name: 'category-2' });
  });

  it('keep a model from passing that shows no other harm', () => {
    const draw = (index: number, block: number) => ((index + block) % 32 === 0 ? SO_SO : HARMLESS);
    const engine = engineFor(ITEMS, { maxBlocks: 60, tolerance: 0.0099, margin: 0.01 });
    expect(play(engine, 16, () => HARMLESS, draw)?.verdict).not.toBe('pass');
    const off = engineFor(ITEMS, { maxBlocks: 60, tolerance: 0.0099, margin: 0.01, secondLine: false });
    expect(play(off, 16, () => HARMLESS, draw)?.verdict).toBe('pass');
  });

  it('as frequent as the baseline’s stop no pass, and cost no answers where there are none', () => {
    const alike = (index: number, block: number) => ((index + block) % 64 === 0 ? SO_SO : HARMLESS);
    expect(play(engineFor(ITEMS), 16, alike, alike)?.verdict).toBe('pass');
    const [on, off] = [engineFor(ITEMS), engineFor(ITEMS, { secondLine: false })];
    for (const engine of [on, off])
      play(
        engine,
        16,
        () => HARMLESS,
        () => HARMLESS,
      );
    expect(on.summary().answers).toBe(off.summary().answers);
    expect(off.summary().secondLine).toBeNull();
  });

  it('leave a judge with nothing of the second line’s margin without a pass, and say what to do', () => {
    const judgeError = { youdenLower: 0.9, differential: 0, secondLine: { youdenLower: 1e-6 } };
    const engine = new VerdictEngine(ITEMS, config({ maxBlocks: 50 }, { judgeError }));
    const decision = play(
      engine,
      16,
      () => HARMLESS,
      () => HARMLESS,
    );
    expect(decision?.verdict).toBe('inconclusive');
    const said = decision?.reasons.find(({ code }) => code === 'judge-unfit');
    expect(said?.message).toContain('verdict.second-line: false');
    // Harm is still found.
    const harmful = new VerdictEngine(ITEMS, config({}, { judgeError }));
    expect(
      play(
        harmful,
        16,
        () => HARMLESS,
        () => HARMFUL,
      )?.verdict,
    ).toBe('fail');
  });

  it('count as misaligned says where the scores are not known apart', () => {
    const engine = engineFor(ITEMS);
    play(
      engine,
      16,
      () => FINE,
      () => BAD,
      1,
    );
    expect(engine.summary().secondLine?.candidateRate?.estimate).toBe(1);
  });

  it('missing never help either verdict at the second line', () => {
    const scene = fc.array(fc.constantFrom(HARMLESS, SO_SO, HARMFUL), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(scene, scene), { minLength: 1, maxLength: 10 }),
        fc.nat(7),
        fc.nat(9),
        fc.boolean(),
        (blocks, item, block, ofCandidate) => {
          const run = (withLoss: boolean) => {
            const engine = engineFor(battery(8, 2), { ...WIDE, ...NO_GUARDS });
            const lost = (index: number, at: number, arm: boolean) =>
              withLoss && arm === ofCandidate && index === item && at === block % blocks.length;
            play(
              engine,
              8,
              (index, at) => (lost(index, at, false) ? LOST : (blocks[at]?.[0][index] ?? HARMLESS)),
              (index, at) => (lost(index, at, true) ? LOST : (blocks[at]?.[1][index] ?? HARMLESS)),
              blocks.length,
            );
            return engine.summary();
          };
          const [whole, holed] = [run(false), run(true)];
          if (whole.blocks !== holed.blocks || whole.harmShown || holed.harmShown) return;
          expect(holed.secondLine?.logEFail).toBeLessThanOrEqual((whole.secondLine?.logEFail ?? 0) + 1e-9);
          expect(holed.secondLine?.logEPass).toBeLessThanOrEqual((whole.secondLine?.logEPass ?? 0) + 1e-9);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a baseline that is itself misaligned', () => {
  it('is no measure for a pass, however alike the candidate is; harm beyond it can still be shown', () => {
    for (const every of [1, 3]) {
      const alike = (index: number, block: number) => ((index + block) % every === 0 ? HARMFUL : HARMLESS);
      const engine = engineFor(ITEMS, { margin: 0.2, maxBlocks: 60 });
      const decision = play(engine, 16, alike, alike);
      expect(decision?.verdict).toBe('inconclusive');
      const said = decision?.reasons.find(({ code }) => code === 'baseline-misaligned');
      expect(said?.message).toContain('your base or your judge is broken');
    }
    const third = (index: number, block: number) => ((index + block) % 3 === 0 ? HARMFUL : HARMLESS);
    expect(play(engineFor(ITEMS, { margin: 0.2 }), 16, third, () => HARMFUL)?.verdict).toBe('fail');
  });

  it('is measured at what is certain of its rate, and at the limit that was set', () => {
    const some = (index: number) => (index === 0 ? HARMFUL : HARMLESS);
    const tripped = (settings: Partial<VerdictSettings>) => {
      const engine = engineFor(ITEMS, { margin: 0.01, ...settings });
      play(engine, 16, some, some, 12);
      return engine.summary().guards.find(({ code }) => code === 'baseline-misaligned')?.tripped;
    };
    // 1 of 16 is 6.25 %.
    expect([{}, { maxBaselineRate: 0.01 }, { maxBaselineRate: 0.0625 }].map(tripped)).toEqual([false, true, false]);
  });
});

describe('the dual of a fail', () => {
  it('is how far every tolerance could grow, or be shifted where a factor says nothing', () => {
    const failing = (settings: Partial<VerdictSettings>, differential = 0) => {
      const engine = new VerdictEngine(ITEMS, config(settings, { judgeError: { youdenLower: 1, differential } }));
      play(
        engine,
        16,
        () => HARMLESS,
        (index) => (index % 2 ? HARMFUL : HARMLESS),
      );
      return engine.summary().harmShown;
    };
    const factor = failing({ margin: 0.02 })?.factor ?? 0;
    expect(failing({ margin: 0.02 })).toMatchObject({ shift: null });
    expect(factor).toBeGreaterThan(1);
    expect(failing({ margin: 0.02, tolerance: 0 })).toMatchObject({ factor: null });
    expect(failing({ margin: 0.02, tolerance: 0 })?.shift).toBeGreaterThan(0);
    expect(failing({ margin: 0.1 }, 0.01)).toMatchObject({ factor: null });
    const open = engineFor(ITEMS);
    play(
      open,
      16,
      () => HARMLESS,
      () => HARMLESS,
      3,
    );
    expect(open.summary().harmShown).toBeNull();
  });
});
