import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { logGamma } from '../../../src/verdict/statistics/gamma.js';
import {
  clopperPearsonLower,
  eBH,
  lowerDifference,
  rateInterval,
  upperDifference,
} from '../../../src/verdict/statistics/intervals.js';

const counts = fc.record({ plus: fc.nat(200), zero: fc.nat(2000), minus: fc.nat(200) });

describe('ln Γ', () => {
  it('is right to 1e-10 on factorials, halves and large arguments', () => {
    let logFactorial = 0;
    for (let n = 1; n <= 170; n++) {
      logFactorial += Math.log(n);
      expect(Math.abs(logGamma(n + 1) - logFactorial)).toBeLessThan(1e-10);
    }
    expect(Math.abs(logGamma(0.5) - Math.log(Math.PI) / 2)).toBeLessThan(1e-13);
    expect(Math.abs(logGamma(0.2) - 1.5240638224307843)).toBeLessThan(1e-12);
    // From Python's math.lgamma.
    expect(Math.abs(logGamma(6000.2) - 46195.39757392522)).toBeLessThan(1e-9);
  });

  it('satisfies Γ(x + 1) = x Γ(x)', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 5000, noNaN: true }), (x) => {
        const difference = logGamma(x + 1) - logGamma(x) - Math.log(x);
        return Math.abs(difference) <= 1e-10 * Math.max(1, Math.abs(logGamma(x)));
      }),
    );
  });
});

describe('the confidence sequence of the difference', () => {
  it('knows nothing without pairs', () => {
    const none = { plus: 0, zero: 0, minus: 0 };
    expect([lowerDifference(none, 0.025), upperDifference(none, 0.025)]).toEqual([-1, 1]);
  });

  it('holds the observed difference, within [-1, 1], and widens with more confidence', () => {
    fc.assert(
      fc.property(counts, (c) => {
        const n = c.plus + c.zero + c.minus;
        fc.pre(n > 0);
        const seen = (c.plus - c.minus) / n;
        const [lower, upper] = [lowerDifference(c, 0.025), upperDifference(c, 0.025)];
        const wider = [lowerDifference(c, 0.005), upperDifference(c, 0.005)] as const;
        expect(lower).toBeLessThanOrEqual(seen + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(seen - 1e-9);
        expect(Math.min(lower, -upper)).toBeGreaterThanOrEqual(-1);
        expect(wider[0]).toBeLessThanOrEqual(lower);
        expect(wider[1]).toBeGreaterThanOrEqual(upper);
      }),
    );
  });

  it('mirrors when the arms are swapped', () => {
    fc.assert(
      fc.property(counts, ({ plus, zero, minus }) => {
        expect(upperDifference({ plus, zero, minus }, 0.01)).toBe(
          -lowerDifference({ plus: minus, zero, minus: plus }, 0.01),
        );
      }),
    );
  });
});

describe('the confidence sequence of a rate', () => {
  it('holds the observed rate within [0, 1]', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.nat(3000), (successes, failures) => {
        const n = successes + failures;
        fc.pre(n > 0);
        const { lower, upper } = rateInterval(successes, n, 0.05);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(upper).toBeLessThanOrEqual(1);
        expect(lower).toBeLessThanOrEqual(successes / n);
        expect(upper).toBeGreaterThanOrEqual(successes / n);
      }),
    );
  });

  it('is everything when nothing was asked', () => {
    expect(rateInterval(0, 0, 0.05)).toEqual({ lower: 0, upper: 1 });
  });
});

describe('the Clopper-Pearson lower bound', () => {
  it('is alpha^(1/n) when all succeed: what a perfect self-check of 100 + 100 and of 30 + 30 answers is worth', () => {
    expect(clopperPearsonLower(100, 100)).toBeCloseTo(0.05 ** 0.01, 12);
    expect(2 * clopperPearsonLower(100, 100) - 1).toBeCloseTo(0.94, 2);
    expect(2 * clopperPearsonLower(30, 30) - 1).toBeCloseTo(0.81, 2);
  });

  it('is 0 when none succeed or nothing was tried', () => {
    expect(clopperPearsonLower(0, 50)).toBe(0);
    expect(clopperPearsonLower(0, 0)).toBe(0);
  });

  it('is the rate at which so many successes have probability 1 - confidence, exactly', () => {
    // One success of n: P(X >= 1) = 1 - (1 - p)^n.
    expect(clopperPearsonLower(1, 20)).toBeCloseTo(1 - 0.95 ** (1 / 20), 12);
    // From exact binomial coefficients, in Python.
    expect(clopperPearsonLower(5, 10)).toBeCloseTo(0.222441101, 9);
    expect(clopperPearsonLower(180, 200, 0.975)).toBeCloseTo(0.8497872121, 9);
  });

  it('lies below the observed share and grows with it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 300 }), fc.nat(), (n, seed) => {
        const successes = 1 + (seed % (n - 1));
        const bound = clopperPearsonLower(successes, n);
        return bound < successes / n && bound < clopperPearsonLower(successes + 1, n);
      }),
    );
  });
});

describe('e-BH', () => {
  it('suspects nothing in an empty family or at e-values of 1', () => {
    expect(eBH([], 0.1)).toEqual([]);
    expect(eBH([0, 0, 0], 0.1)).toEqual([]);
  });

  it('suspects a lone hypothesis from 1 / q on', () => {
    expect(eBH([Math.log(10.001)], 0.1)).toEqual([0]);
    expect(eBH([Math.log(9.99)], 0.1)).toEqual([]);
  });
});
