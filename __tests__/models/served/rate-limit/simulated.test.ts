import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import {
  type Attempt,
  begin,
  congested,
  openPace,
  type Pace,
  succeeded,
  waitFor,
} from '../../../../src/models/served/rate-limit/congestion.js';
import { NO_ADVICE } from '../../../../src/models/served/rate-limit/headers.js';

/** A server that takes so many requests at once and turns the others away, and callers who always have one more. */
interface Scene {
  readonly ceiling: number;
  /** Requests at once, by the time in round trips. */
  readonly capacity: (time: number) => number;
  readonly roundTrips: number;
  readonly seed: number;
  /** Whether it turns away by a 429, which makes everybody pause. */
  readonly pauses: boolean;
}

interface Moment {
  readonly time: number;
  readonly pace: Pace;
  readonly inFlight: number;
  readonly served: number;
}

const ROUND_TRIP = 1_000;

interface Flight {
  readonly attempt: Attempt;
  readonly back: number;
  readonly taken: boolean;
}

/** Plays it in steps of a millisecond; replies of one moment come back in any order. */
function play({ ceiling, capacity, roundTrips, seed, pauses }: Scene): Moment[] {
  const random = randomFrom(seed);
  const moments: Moment[] = [];
  let pace = openPace(ceiling);
  let flights: Flight[] = [];
  let served = 0;
  for (let now = 0; now < roundTrips * ROUND_TRIP; now += 1) {
    const arriving = flights.filter(({ back }) => back <= now).sort(() => random() - 0.5);
    flights = flights.filter(({ back }) => back > now);
    for (const { attempt, taken } of arriving) {
      if (taken) served += 1;
      pace = taken
        ? succeeded(pace, attempt, NO_ADVICE, now)
        : congested(pace, attempt, NO_ADVICE, { pauses, jitter: random(), now });
      moments.push({ time: now, pace, inFlight: flights.length, served });
    }
    while (flights.length < Math.floor(pace.limit) && waitFor(pace, 1, now) === 0) {
      const begun = begin(pace, 1, now);
      pace = begun.pace;
      const taken = flights.filter((flight) => flight.taken).length < capacity(now / ROUND_TRIP);
      flights.push({ attempt: begun.attempt, back: now + ROUND_TRIP, taken });
    }
    if (flights.length > ceiling) throw new Error(`${flights.length} in flight, allowed ${ceiling}`);
  }
  return moments;
}

function randomFrom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => (generator.next() >>> 0) / 2 ** 32;
}

const scenes = fc.record({
  ceiling: fc.integer({ min: 1, max: 64 }),
  capacity: fc.integer({ min: 1, max: 64 }).map((n) => () => n),
  roundTrips: fc.constant(40),
  seed: fc.integer(),
  pauses: fc.boolean(),
});

describe('requests to a server that takes fewer than are allowed', () => {
  it('are cut once a round trip at most, however many of it are turned away', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const moments = play(scene);
        const cuts = moments.filter(({ pace }, at) => pace.cuts > (moments[at - 1]?.pace.cuts ?? 0));
        for (const [at, { time, pace }] of cuts.entries()) {
          const before = cuts[at - 1];
          expect(pace.cuts).toBe((before?.pace.cuts ?? 0) + 1);
          if (before) expect(time - before.time).toBeGreaterThanOrEqual(ROUND_TRIP);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are halved by each cut, and grow by no more than one a round trip in between', () => {
    fc.assert(
      fc.property(scenes, (scene) => {
        const moments = play(scene);
        let since: Moment | undefined;
        let before = openPace(scene.ceiling);
        for (const moment of moments) {
          const { pace, time } = moment;
          if (pace.cuts > before.cuts) expect(pace.limit).toBe(Math.max(1, Math.floor(before.limit / 2)));
          before = pace;
          if (since === undefined || pace.cuts > since.pace.cuts) since = moment;
          expect(pace.limit - since.pace.limit).toBeLessThanOrEqual(
            Math.floor((time - since.time) / ROUND_TRIP) + 1e-9,
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keep it busy all the same: two thirds of what it can do, from the start on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 64 }), fc.integer(), (capacity, seed) => {
        const roundTrips = 120;
        const scene = { ceiling: 64, capacity: () => capacity, roundTrips, seed, pauses: false };
        expect(play(scene).at(-1)?.served ?? 0).toBeGreaterThan((2 / 3) * capacity * roundTrips);
      }),
      { numRuns: 25 },
    );
  });

  it('come back to the ceiling in as many round trips as it is high, once the server has room again', () => {
    const capacity = (time: number) => (time < 20 ? 3 : 100);
    const moments = play({ ceiling: 32, capacity, roundTrips: 20 + 32, seed: 1, pauses: false });
    expect(moments.at(-1)?.pace.limit).toBeCloseTo(32, 9);
  });
});
