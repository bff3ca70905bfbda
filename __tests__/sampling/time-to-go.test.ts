import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Outlook, TimeToGo } from '../../src/sampling/time-to-go.js';

const LIMIT = 6000;

describe('the time to go', () => {
  it('is not told before a block was measured', () => {
    expect(new TimeToGo().answers(0, { least: 80, expected: 80, limit: LIMIT })).toBeNull();
  });

  it('is not told where no pass is to be had within the limit', () => {
    expect(new TimeToGo().answers(1, { least: LIMIT + 1, expected: null, limit: LIMIT })).toBeNull();
    expect(new TimeToGo().answers(1, { least: Number.POSITIVE_INFINITY, expected: null, limit: LIMIT })).toBeNull();
  });

  it('does not swing with the forecast: 44, 79 and 12 minutes within one run', () => {
    const toGo = new TimeToGo();
    const most = [900, 2640, 4740, 720, 720].map(
      (expected, block) => toGo.answers(block + 1, { least: 300, expected, limit: LIMIT })?.most,
    );
    expect(most).toEqual([900, 1335, 2186.25, 1819.6875, 1544.765625]);
  });

  it('tells the same however often it is asked within a block', () => {
    const toGo = new TimeToGo();
    const outlook = { least: 80, expected: 100, limit: LIMIT };
    toGo.answers(1, outlook);
    const [once, again] = [1, 2].map(() => toGo.answers(2, { ...outlook, expected: 2000 }));
    expect(again).toEqual(once);
    expect(once?.most).toBe(575);
  });

  const outlook: fc.Arbitrary<Outlook> = fc.record({
    least: fc.integer({ min: 0, max: LIMIT }),
    expected: fc.option(fc.integer({ min: 0, max: 10 * LIMIT })),
    limit: fc.constant(LIMIT),
  });

  it('is a range that the limit bounds, and that one block can’t move by more than a quarter of what there is', () => {
    fc.assert(
      fc.property(fc.array(outlook, { minLength: 2 }), (outlooks) => {
        const toGo = new TimeToGo();
        let before: number | null = null;
        for (const [block, one] of outlooks.entries()) {
          const told = toGo.answers(block + 1, { ...one, least: 0 });
          if (told === null) throw new Error('nothing was told');
          expect(told.most).toBeGreaterThanOrEqual(told.least);
          expect(told.most).toBeLessThanOrEqual(LIMIT);
          if (before !== null) expect(Math.abs(told.most - before)).toBeLessThanOrEqual(0.25 * LIMIT + 1e-6);
          before = told.most;
        }
      }),
    );
    fc.assert(
      fc.property(outlook, (one) => {
        const told = new TimeToGo().answers(1, one);
        expect(told?.least).toBe(one.least);
        expect(told?.most).toBeGreaterThanOrEqual(one.least);
      }),
    );
  });
});
