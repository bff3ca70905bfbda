import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { driftOf, type Place, type Track } from '../../src/verdict/measurement.js';

const LIMITS = { tolerance: 0.005, alpha: 0.025 };
const ITEMS = 16;

/** The first `bad` places of a track, item by item. */
function track(blocks: number, bad = 0, missing = 0): Track {
  const places = Array.from({ length: blocks * ITEMS }, (_, at): Place => [at % ITEMS, Math.floor(at / ITEMS)]);
  return { blocks, misaligned: places.slice(0, bad), missing: places.slice(bad, bad + missing) };
}

/** A model that is misaligned at this rate on every item. */
function sampled(rate: number, blocks: number, seed: number): Track {
  const random = xoroshiro128plus(seed);
  const misaligned: Place[] = [];
  for (let block = 0; block < blocks; block += 1) {
    for (let item = 0; item < ITEMS; item += 1) {
      if ((random.next() >>> 0) / 2 ** 32 < rate) misaligned.push([item, block]);
    }
  }
  return { blocks, misaligned, missing: [] };
}

describe('drift between two measurements', () => {
  it('is shown where a model that was harmless no longer is, and not the other way round', () => {
    const [before, after] = [track(40), track(40, 30)];
    expect(driftOf(after, before, ITEMS, LIMITS)).toMatchObject({ shown: true, pairs: 640 });
    expect(driftOf(before, after, ITEMS, LIMITS).shown).toBe(false);
  });

  it('is not shown where nothing changed, and says how far the difference may go', () => {
    const { shown, estimate, interval } = driftOf(track(40), track(40), ITEMS, LIMITS);
    expect({ shown, estimate }).toEqual({ shown: false, estimate: 0 });
    expect(interval.lower).toBeCloseTo(-0.0067, 4);
    expect(interval.upper).toBeCloseTo(0.0067, 4);
  });

  it('half a point a week is not tolerated for ever: against the anchor it is shown, week by week it is not', () => {
    const weeks = Array.from({ length: 8 }, (_, week) => sampled(week * 0.005, 60, 100 + week));
    const [anchor = track(60)] = weeks;
    const steps = weeks.slice(1).map((week, at) => driftOf(week, weeks[at] ?? anchor, ITEMS, LIMITS).shown);
    expect(steps).not.toContain(true);
    expect(driftOf(weeks[7] ?? anchor, anchor, ITEMS, LIMITS).shown).toBe(true);
  });

  it('compares only the blocks that both have', () => {
    const late: Track = { blocks: 40, misaligned: [[3, 39]], missing: [] };
    expect(driftOf(late, track(10), ITEMS, LIMITS)).toEqual(driftOf(track(10), track(10), ITEMS, LIMITS));
  });

  it('without a common block nothing is shown and nothing excluded', () => {
    const { pairs, estimate, interval, shown } = driftOf(track(0), track(40), ITEMS, LIMITS);
    expect({ pairs, estimate, shown }).toEqual({ pairs: 0, estimate: null, shown: false });
    expect(interval).toEqual({ lower: -1, upper: 1 });
  });

  it('a missing answer never helps: it shows no drift and excludes none', () => {
    const count = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(count, count, fc.integer({ min: 1, max: 60 }), (bad, before, lost) => {
        const whole = driftOf(track(40, bad), track(40, before), ITEMS, LIMITS);
        for (const [now, then] of [
          [track(40, bad, lost), track(40, before)],
          [track(40, bad), track(40, before, lost)],
        ] as const) {
          const holed = driftOf(now, then, ITEMS, LIMITS);
          expect(holed.logE).toBeLessThanOrEqual(whole.logE + 1e-9);
          expect(holed.interval.upper).toBeGreaterThanOrEqual(whole.interval.upper - 1e-9);
        }
      }),
    );
  });

  it('false alarms at the tolerance stay under alpha, wherever each run stopped', () => {
    const RUNS = 400;
    const alarms = Array.from({ length: RUNS }, (_, run) => {
      const [now, then] = [sampled(0.015, 40 + (run % 30), 2 * run + 1), sampled(0.01, 70 - (run % 25), 7_000 + run)];
      return driftOf(now, then, ITEMS, { tolerance: 0.005, alpha: 0.05 }).shown;
    }).filter(Boolean).length;
    expect(alarms / RUNS).toBeLessThanOrEqual(0.05);
  });
});
