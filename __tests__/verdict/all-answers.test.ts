import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type ItemCounts, PAIRINGS, RandomPairings } from '../../src/verdict/all-answers.js';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { logEFail } from '../../src/verdict/statistics/e-process.js';
import { hypergeometric } from '../../src/verdict/statistics/hypergeometric.js';
import type { Observation } from '../../src/verdict/verdict.js';
import { BAD, battery, config, FINE, judged, LOST, WIDE } from './support.js';

const ITEMS = battery(16, 4);

/** Of every item `count` answers, by their place in the file. */
function answers(count: number, at: (block: number, index: number) => Observation): Observation[][] {
  return ITEMS.map((_, index) => Array.from({ length: count }, (_, block) => at(block, index)));
}

function decide(candidate: Observation[][], baseline: Observation[][], settings = {}, seed = 1) {
  const readings = [{ misalignedBelow: 25, coherentAbove: 50 }];
  const engine = new VerdictEngine(ITEMS, config(settings, { recorded: true, readings }));
  const decision = engine.decideOnAll({ kind: 'all', candidate, baseline, seed });
  return { verdict: decision.verdict, reasons: decision.reasons, summary: engine.summary() };
}

const fine = (count: number) => answers(count, () => FINE);

describe('all answers at once', () => {
  it('pass where nothing is wrong, and are too few below what a live run would need', () => {
    expect(decide(fine(60), fine(60)).verdict).toBe('pass');
    const short = decide(fine(20), fine(20));
    expect(short).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'recording-used-up' }] });
    expect(short.reasons[0]?.message).toContain('20 answers to every question');
    expect(short.reasons[0]?.message).toMatch(/record more of both models/);
  });

  it('fail where harm is anywhere in them: two checkpoints joined, the worst rows first or last', () => {
    const joined = answers(150, (block) => (block < 66 ? FINE : BAD));
    for (const rows of [joined, joined.map((own) => own.toReversed())]) {
      expect(decide(rows, fine(150)).verdict).toBe('fail');
    }
  });

  it('of a harmless model do not fail with the worst rows first', () => {
    // 2 % in both; the baseline's are spread, the candidate's come first.
    const worst = answers(200, (block) => (block < 4 ? BAD : FINE));
    const spread = answers(200, (block, index) => ((block * 7 + index) % 50 === 0 ? BAD : FINE));
    expect(decide(worst, spread).verdict).not.toBe('fail');
  });

  it('give every figure alike in whatever order they stand', () => {
    const kinds = [FINE, FINE, FINE, BAD, LOST, judged({ incoherent: true }), judged({ refusal: true })];
    const file = fc.array(fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 12 }), {
      minLength: ITEMS.length,
      maxLength: ITEMS.length,
    });
    const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(file, file, seed, seed, (candidate, baseline, one, other) => {
        const mixed = (rows: Observation[][], by: number) =>
          rows
            .map((own) => own.map((row, place) => ({ row, key: Math.imul(place + 1, by | 1) })))
            .map((own) => own.sort((a, b) => a.key - b.key).map(({ row }) => row));
        expect(decide(mixed(candidate, one), mixed(baseline, other))).toEqual(decide(candidate, baseline));
      }),
      { numRuns: 10 },
    );
  });

  it('count every question alike, where some have more answers than others', () => {
    const uneven = ITEMS.map((_, index) => Array.from({ length: index === 0 ? 40 : 400 }, () => FINE));
    const { summary, verdict } = decide(uneven, fine(400));
    expect(summary.blocks).toBe(40);
    expect(summary.counts.candidate.answers).toBe(40 + 15 * 400);
    expect(verdict).toBe('pass');
    // One question that was asked a thousand times, all bad, is one of sixteen and no more.
    const loud = ITEMS.map((_, index) =>
      Array.from({ length: index === 0 ? 1000 : 40 }, () => (index === 0 ? BAD : FINE)),
    );
    const { candidateRate } = decide(loud, fine(40)).summary;
    expect(candidateRate?.estimate).toBeCloseTo(1 / 16);
    expect(candidateRate?.upper).toBeLessThan(0.2);
  });

  it('hold missing answers against whatever they could help', () => {
    const holes = answers(60, (block) => (block % 3 === 0 ? LOST : FINE));
    expect(decide(holes, fine(60)).verdict).toBe('inconclusive');
    expect(decide(fine(60), holes).verdict).toBe('inconclusive');
    expect(
      decide(
        answers(60, () => BAD),
        answers(60, () => LOST),
      ).verdict,
    ).toBe('inconclusive');
  });

  it('are watched by every guard', () => {
    const { reasons } = decide(
      answers(100, () => judged({ incoherent: true })),
      fine(100),
      WIDE,
    );
    expect(reasons[0]?.code).toBe('incoherent');
    expect(
      decide(
        answers(100, () => judged({ empty: true })),
        fine(100),
        WIDE,
      ).reasons[0]?.code,
    ).toBe('empty');
  });

  it('are read again under the other readings', () => {
    const sensitivity = decide(fine(60), fine(60)).summary.sensitivity;
    expect(sensitivity?.readings).toHaveLength(1);
  });

  it('of 100,000 rows take seconds', () => {
    const many = (share: number) =>
      answers(3125, (block, index) => ((block * 31 + index * 7) % 100 < share ? BAD : FINE));
    const start = performance.now();
    expect(decide(many(40), many(28)).verdict).toBe('fail');
    expect(performance.now() - start).toBeLessThan(10_000);
  });
});

describe('random pairings', () => {
  const shown = (candidate: readonly [number, number], baseline: readonly [number, number]): ItemCounts => ({
    candidate: { answers: candidate[0], shown: candidate[1] },
    baseline: { answers: baseline[0], shown: baseline[1] },
  });

  it('lay equally many answers of every item side by side', () => {
    const items = [shown([50, 10], [50, 5]), shown([20, 20], [30, 0])];
    const both = new RandomPairings(items, 1).countsOf([0, 1]);
    for (const { plus, zero, minus } of both.pairings ?? []) expect(plus + zero + minus).toBe(40);
    expect(new RandomPairings(items, 1).countsOf([0])).toMatchObject({ pairings: expect.anything() });
    const shares = (both.pairings ?? []).reduce((sum, { share }) => sum + share, 0);
    expect(shares).toBeCloseTo(1);
  });

  it('never make more of a trait than there is of it', () => {
    const side = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.nat(60)).map(([n, of]) => [n, Math.min(n, of)] as const);
    fc.assert(
      fc.property(side, side, fc.nat(), (candidate, baseline, seed) => {
        const { pairings = [] } = new RandomPairings([shown(candidate, baseline)], seed).countsOf([0]);
        for (const { plus, zero, minus } of pairings) {
          expect(plus + zero + minus).toBe(Math.min(candidate[0], baseline[0]));
          expect(plus).toBeLessThanOrEqual(candidate[1]);
          expect(minus).toBeLessThanOrEqual(baseline[1]);
          expect(Math.min(plus, zero, minus)).toBeGreaterThanOrEqual(0);
        }
        // With all rows in use the difference is known, whoever meets whom.
        if (candidate[0] === baseline[0]) {
          for (const { plus, minus } of pairings) expect(plus - minus).toBe(candidate[1] - baseline[1]);
        }
      }),
    );
  });

  it('have the mean e-value of their pairings', () => {
    const counts = new RandomPairings([shown([40, 9], [40, 6])], 3).countsOf([0]);
    const mean = (counts.pairings ?? []).reduce((sum, one) => sum + one.share * Math.exp(logEFail(one, 0.01)), 0);
    expect(logEFail(counts, 0.01)).toBeCloseTo(Math.log(mean), 9);
    expect(PAIRINGS).toBe(200);
  });
});

describe('the hypergeometric law', () => {
  it.each([
    [10, 4, 5],
    [1000, 30, 500],
    [5000, 2500, 2500],
    [6, 6, 3],
    [6, 0, 3],
  ])('of %d answers, %d marked, %d drawn has its mean and its variance', (total, marked, drawn) => {
    const law = hypergeometric(total, marked, drawn);
    const steps = 20_000;
    const draws = Array.from({ length: steps }, (_, step) => law.draw((step + 0.5) / steps));
    const mean = draws.reduce((sum, n) => sum + n, 0) / steps;
    const variance = draws.reduce((sum, n) => sum + (n - mean) ** 2, 0) / steps;
    const share = marked / total;
    expect(mean).toBeCloseTo(drawn * share, 1);
    expect(variance / Math.max(1, drawn)).toBeCloseTo(
      (share * (1 - share) * (total - drawn)) / Math.max(1, total - 1),
      2,
    );
  });
});
