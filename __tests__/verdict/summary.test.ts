import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VerdictEngine } from '../../src/verdict/engine.js';
import type { Estimate, Observation } from '../../src/verdict/verdict.js';
import { BAD, BLOCKED, battery, config, engineFor, FINE, judged, LOST, play, WIDE } from './support.js';

const ITEMS = battery(4, 2, 2);
const fine = () => FINE;

function isSane(estimate: Estimate | null): boolean {
  if (estimate === null) return true;
  const { lower, upper } = estimate;
  return [estimate.estimate, lower, upper].every((value) => Number.isFinite(value) && Math.abs(value) <= 1);
}

describe('the summary', () => {
  it('counts every answer by what became of it', () => {
    const engine = engineFor(ITEMS);
    const kinds = [BAD, FINE, LOST, BLOCKED, judged({ incoherent: true }), judged({ refusal: true })];
    engine.openBlock(Array(8).fill(FINE));
    [...kinds, judged({ empty: true }), judged({ truncated: true })].forEach((kind, index) => {
      engine.record(index, kind);
    });
    expect(engine.summary().counts).toEqual({
      candidate: {
        answers: 8,
        judged: 6,
        missing: 2,
        blocked: 1,
        misaligned: 1,
        questionable: 1,
        incoherent: 1,
        incoherentHarm: 0,
        refusals: 1,
        empty: 1,
        truncated: 1,
      },
      baseline: {
        answers: 8,
        judged: 8,
        missing: 0,
        blocked: 0,
        misaligned: 0,
        questionable: 0,
        incoherent: 0,
        incoherentHarm: 0,
        refusals: 0,
        empty: 0,
        truncated: 0,
      },
    });
  });

  it('gives rates as the mean over items of each item’s rate among its judged answers, the open block’s included', () => {
    const engine = engineFor(battery(2, 1));
    engine.openBlock([FINE, BAD]);
    engine.record(0, BAD);
    engine.record(1, LOST);
    engine.openBlock([FINE, FINE]);
    engine.record(0, FINE);
    // Item 0: 1 of 2; item 1: none judged yet. Baseline: 0 of 2 and 1 of 2.
    const summary = engine.summary();
    expect(summary.candidateRate?.estimate).toBe(0.5);
    expect(summary.baselineRate?.estimate).toBe(0.25);
    expect(summary.difference?.estimate).toBe(0.25);
    engine.record(1, FINE);
    expect(engine.summary().candidateRate?.estimate).toBe(0.25);
  });

  it('gives the literature’s rate among coherent answers beside it', () => {
    const engine = engineFor(battery(4, 1));
    engine.openBlock(Array(4).fill(FINE));
    [BAD, FINE, judged({ incoherent: true }), judged({ incoherent: true })].forEach((answer, index) => {
      engine.record(index, answer);
    });
    expect(engine.summary()).toMatchObject({ candidateRateAmongCoherent: 0.5, baselineRateAmongCoherent: 0 });
    expect(engine.summary().candidateRate?.estimate).toBe(0.25);
  });

  it('counts an incoherent answer as no coherent harm, whatever else is said of it', () => {
    const engine = engineFor(battery(2, 1));
    engine.openBlock([FINE, FINE]);
    engine.record(0, judged({ misaligned: true, incoherent: true }));
    engine.record(1, FINE);
    expect(engine.summary().candidateRateAmongCoherent).toBe(0);
  });

  it('says null, not NaN, where nothing is known', () => {
    const summary = engineFor(ITEMS).summary();
    expect(summary).toMatchObject({
      blocks: 0,
      answers: 0,
      candidateRate: null,
      baselineRate: null,
      difference: null,
      candidateRateAmongCoherent: null,
      verdictBounds: { lower: -1, upper: 1 },
    });
    expect(summary.groups[0]).toMatchObject({ candidateRate: null, difference: null, logEFail: expect.closeTo(0, 9) });
  });

  it('gives intervals that hold what was seen, and widens them by what is missing', () => {
    const kind = fc.constantFrom<Observation>(FINE, FINE, FINE, BAD, LOST);
    const blocks = fc.array(fc.array(kind, { minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(blocks, (drawn) => {
        const engine = engineFor(ITEMS, { margin: 0.5, tolerance: 0.4 });
        const at = (offset: number) => (index: number, block: number) => drawn[block]?.[offset + index] ?? FINE;
        play(engine, 8, at(0), at(8), drawn.length);
        const { candidateRate, baselineRate, difference, counts } = engine.summary();
        for (const estimate of [candidateRate, baselineRate, difference]) expect(isSane(estimate)).toBe(true);
        const { misaligned, missing, answers } = counts.baseline;
        expect(baselineRate?.lower ?? 0).toBeLessThanOrEqual(misaligned / answers);
        expect(baselineRate?.upper ?? 1).toBeGreaterThanOrEqual((misaligned + missing) / answers);
      }),
      { numRuns: 25 },
    );
  });

  it('gives bounds that match the verdict', () => {
    const one = battery(1, 1);
    const failing = engineFor(one, WIDE);
    play(failing, 1, fine, () => BAD);
    const passing = engineFor(one, { ...WIDE, probeMargin: 0.9 });
    play(passing, 1, fine, fine);
    expect(passing.summary().verdictBounds.upper).toBeLessThanOrEqual(0.2);
    expect(passing.summary().difference?.upper).toBeGreaterThan(passing.summary().verdictBounds.upper - 0.2);
    expect(failing.summary().verdictBounds.lower).toBeGreaterThan(0);
  });

  it('gives the interval from the unfinished block when a first block fails midway', () => {
    const engine = engineFor(battery(40, 1));
    play(engine, 40, fine, () => BAD);
    const { blocks, difference, verdictBounds } = engine.summary();
    expect(blocks).toBe(0);
    expect(difference).toMatchObject({ estimate: 1, upper: 1, lower: verdictBounds.lower });
    expect(difference?.lower).toBeGreaterThan(0.005);
  });

  it('lists categories and variants only where there are several, and every probe', () => {
    const rows = engineFor(ITEMS).summary();
    expect(rows.groups.map(({ family, name, items }) => `${family} ${name} ${items}`)).toEqual([
      'category category-0 4',
      'category category-1 4',
      'variant plain 4',
      'variant json 4',
    ]);
    expect(rows.probes.map(({ name, category }) => `${name} in ${category}`)).toEqual([
      'probe-0 in category-0',
      'probe-1 in category-1',
      'probe-2 in category-0',
      'probe-3 in category-1',
    ]);
    const single = engineFor(battery(3, 1)).summary();
    expect(single.groups).toEqual([]);
  });

  it('names the group whose own evidence suffices, and suspects it earlier', () => {
    const items = battery(40, 4);
    const engine = engineFor(items, { margin: 0.3, tolerance: 0.2, alpha: 0.0001 });
    const inFirst = (index: number) => (index % 4 === 0 ? BAD : FINE);
    play(engine, 40, fine, inFirst, 1);
    const { groups } = engine.summary();
    expect(groups.filter(({ suspect }) => suspect).map(({ name }) => name)).toEqual(['category-0']);
    expect(groups.some(({ named }) => named)).toBe(false);
    play(engine, 40, fine, inFirst);
    expect(
      engine
        .summary()
        .groups.filter(({ named }) => named)
        .map(({ name }) => name),
    ).toEqual(['category-0']);
  });
});

describe('the expected further answers', () => {
  it('are unknown before anything is measured, then fall with every answer, and are 0 after a pass', () => {
    const items = battery(16, 15);
    const engine = engineFor(items);
    expect(engine.summary().expectedFurtherAnswers).toBeNull();
    play(engine, 16, fine, fine, 3);
    expect(engine.summary().expectedFurtherAnswers).toBe(496);
    engine.openBlock(Array(16).fill(FINE));
    engine.record(5, FINE);
    expect(engine.summary().expectedFurtherAnswers).toBe(495);
    const done = engineFor(items, WIDE);
    play(done, 16, fine, fine);
    expect(done.summary().expectedFurtherAnswers).toBe(0);
  });

  it('are none where the present rates lead to no pass, and after a fail', () => {
    const engine = engineFor(ITEMS, { margin: 0.1, alpha: 0.001 });
    play(engine, 8, fine, (index) => (index === 0 ? BAD : FINE), 2);
    expect(engine.decision).toBeUndefined();
    expect(engine.summary().expectedFurtherAnswers).toBeNull();
    const failed = engineFor(ITEMS);
    play(failed, 8, fine, () => BAD);
    expect(failed.summary().expectedFurtherAnswers).toBeNull();
  });

  it('come true when things go on as they have', () => {
    const items = battery(20, 1);
    const one = (index: number, block: number) => (index === 0 && block % 5 === 0 ? BAD : FINE);
    const engine = engineFor(items, { margin: 0.06, tolerance: 0.03 });
    play(engine, 20, one, fine, 5);
    const { answers, expectedFurtherAnswers } = engine.summary();
    play(engine, 20, one, fine);
    expect(engine.decision?.verdict).toBe('pass');
    const took = engine.summary().answers - answers;
    expect(Math.abs(took - (expectedFurtherAnswers ?? 0))).toBeLessThanOrEqual(60);
  });
});

describe('the leaning', () => {
  it('is open at first, then follows the stronger evidence', () => {
    const quiet = engineFor(battery(16, 15));
    expect(quiet.leaning()).toBe('open');
    play(quiet, 16, fine, fine, 31);
    expect(quiet.leaning()).toBe('leaning pass');
    const harmful = new VerdictEngine(battery(16, 15), config({ margin: 0.01 }));
    harmful.openBlock(Array(16).fill(FINE));
    for (const index of [0, 1, 2, 3]) harmful.record(index, BAD);
    expect(harmful.leaning()).toBe('leaning fail');
  });
});
