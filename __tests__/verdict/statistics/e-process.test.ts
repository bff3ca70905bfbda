import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BETS, logEFail, logEPass, logSumExp, type PairCounts } from '../../../src/verdict/statistics/e-process.js';

const counts: fc.Arbitrary<PairCounts> = fc.record({
  plus: fc.nat(300),
  zero: fc.nat(3000),
  minus: fc.nat(300),
});
const threshold = fc.double({ min: 0, max: 0.9, noNaN: true });

/** Rounding of sums of up to thousands of logarithms. */
const SLACK = 1e-9;

describe('the mixture of bets', () => {
  it('shares out exactly 1', () => {
    expect(BETS.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 15);
  });

  it('starts at an e-value of 1', () => {
    expect(logEFail({ plus: 0, zero: 0, minus: 0 }, 0.005)).toBeCloseTo(0, 12);
    expect(logEPass({ plus: 0, zero: 0, minus: 0 }, 0.01)).toBeCloseTo(0, 12);
  });

  it('is fair: the expected e-value after n pairs is at most 1 for every truth within the null, by exact summation', () => {
    const n = 12;
    const expected = (p: number, q: number, logE: (c: PairCounts) => number) => {
      let sum = 0;
      for (let plus = 0; plus <= n; plus++)
        for (let minus = 0; minus + plus <= n; minus++) {
          const zero = n - plus - minus;
          const ways = choose(n, plus) * choose(n - plus, minus);
          sum += ways * p ** plus * q ** minus * (1 - p - q) ** zero * Math.exp(logE({ plus, zero, minus }));
        }
      return sum;
    };
    for (const t of [0, 0.005, 0.05, 0.2])
      for (const q of [0, 0.01, 0.2, 0.4])
        expect(expected(Math.min(q + t, 1 - q), q, (c) => logEFail(c, t))).toBeLessThanOrEqual(1 + SLACK);
    for (const h of [0.01, 0.1, 0.5])
      for (const q of [0, 0.01, 0.2]) expect(expected(q + h, q, (c) => logEPass(c, h))).toBeLessThanOrEqual(1 + SLACK);
  });

  it('is fair over items of very different rates: only the mean difference counts', () => {
    // Four items, one answer each; their differences average exactly t = 0.1.
    const rates = [0.4, 0, 0, 0];
    let sum = 0;
    for (let outcome = 0; outcome < 2 ** rates.length; outcome++) {
      const hits = rates.map((_, i) => (outcome >> i) & 1);
      const probability = rates.reduce((product, p, i) => product * (hits[i] ? p : 1 - p), 1);
      const plus = hits.filter(Boolean).length;
      sum += probability * Math.exp(logEFail({ plus, zero: rates.length - plus, minus: 0 }, 0.1));
    }
    expect(sum).toBeLessThanOrEqual(1 + SLACK);
  });

  it('refutes a tolerance the more, the smaller it is', () => {
    fc.assert(
      fc.property(counts, threshold, threshold, (c, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)];
        return logEFail(c, small) >= logEFail(c, large) - SLACK;
      }),
    );
  });

  it('refutes a margin the more, the larger it is', () => {
    fc.assert(
      fc.property(counts, threshold, threshold, (c, a, b) => {
        const [small, large] = [Math.min(a, b), Math.max(a, b)];
        const [low, high] = [logEPass(c, small), logEPass(c, large)];
        return low === Number.NEGATIVE_INFINITY || high >= low - SLACK;
      }),
    );
  });

  it('moves towards FAIL and away from PASS with each pair that turns from like to candidate-alone', () => {
    fc.assert(
      fc.property(counts, threshold, ({ plus, zero, minus }, t) => {
        const before = { plus, zero: zero + 1, minus };
        const after = { plus: plus + 1, zero, minus };
        return (
          logEFail(after, t) >= logEFail(before, t) - SLACK &&
          logEPass(after, t + 0.01) <= logEPass(before, t + 0.01) + SLACK
        );
      }),
    );
  });
});

describe('logSumExp', () => {
  it('neither overflows nor turns nothing into NaN', () => {
    expect(logSumExp([1000, 1000])).toBeCloseTo(1000 + Math.log(2), 10);
    expect(logSumExp([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
  });
});

function choose(n: number, k: number): number {
  return k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
}
