import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Latches } from '../../src/verdict/passed-margins.js';
import { upperDifference } from '../../src/verdict/statistics/intervals.js';

/** Of `answers` pairs, `plus` went against the candidate. */
const pairs = (answers: number, plus = 0) => ({ plus, zero: answers - plus, minus: 0 });

const MARGINS = [0.01, 0.02, 0.05];
const BETA = 0.01;

/** A level that is not the first: its bound is kept only as far as it may be asked for. */
function afterwards(seen: readonly ReturnType<typeof pairs>[], now = 0.01, most = 0.05): Latches {
  const latches = new Latches(2, BETA);
  for (const counts of seen)
    latches.update(
      [counts, counts],
      [
        { now, most },
        { now, most },
      ],
    );
  return latches;
}

describe('what was shown to lie below a margin', () => {
  it('counts for this margin and all wider ones, not for narrower ones', () => {
    const latches = afterwards([pairs(300)]);
    for (const place of [0, 1]) {
      expect(MARGINS.map((margin) => latches.shown(place, margin))).toEqual([false, true, true]);
    }
  });

  it('stays shown when later answers look worse', () => {
    const latches = afterwards([pairs(300), pairs(400, 30)]);
    for (const place of [0, 1]) {
      expect(MARGINS.map((margin) => latches.shown(place, margin))).toEqual([false, true, true]);
    }
  });

  it('is nothing before the first block', () => {
    expect(new Latches(1, BETA).shown(0, 0.05)).toBe(false);
    expect(new Latches(1, BETA).shown(7, 0.05)).toBe(false);
  });

  it('keeps of the first level the smallest upper bound, however far below its margin that is', () => {
    const latches = afterwards([pairs(300), pairs(2000), pairs(2200, 60)]);
    expect(latches.leastUpper(0)).toBeCloseTo(upperDifference(pairs(2000), BETA), 12);
    expect(latches.leastUpper(0)).toBeLessThan(0.01);
  });

  /** Blocks as they may come, and a margin that the first one grows to. */
  const blocks = fc.array(fc.tuple(fc.nat(40), fc.nat(2)), { minLength: 1, maxLength: 12 }).map((steps) => {
    let [answers, plus] = [0, 0];
    return steps.map(([more, bad]) => {
      answers += 20 * more + bad;
      plus += bad;
      return pairs(answers, plus);
    });
  });
  const later = fc.double({ min: 0.01, max: 0.05, noNaN: true });

  it('is for the first level, at whatever margin it comes to, what that margin would have given from the start', () => {
    fc.assert(
      fc.property(blocks, later, (seen, margin) => {
        expect(afterwards(seen).shown(0, margin)).toBe(afterwards(seen, margin, margin).shown(0, margin));
      }),
    );
  });

  it('is for the other levels never more than that, and little less: a tenth of what lies ahead of the margin', () => {
    const tenth = (0.05 - 0.01) / 10;
    fc.assert(
      fc.property(blocks, later, (seen, margin) => {
        const grown = afterwards(seen).shown(1, margin);
        if (grown) expect(afterwards(seen, margin, margin).shown(1, margin)).toBe(true);
        const narrower = margin - tenth;
        if (narrower >= 0.01 && afterwards(seen, narrower, narrower).shown(1, narrower)) expect(grown).toBe(true);
      }),
    );
  });
});
