import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type Attempt,
  begin,
  congested,
  heard,
  openPace,
  type Pace,
  succeeded,
  waitFor,
} from '../../../../src/models/served/rate-limit/congestion.js';
import { NO_ADVICE, type RateAdvice } from '../../../../src/models/served/rate-limit/headers.js';

const NOW = 1_000_000;

function start(pace: Pace, tokens = 10): { pace: Pace; attempt: Attempt } {
  return begin(pace, tokens, NOW);
}

function refuse(pace: Pace, attempt: Attempt, more: Partial<RateAdvice> = {}, now = NOW): Pace {
  return congested(pace, attempt, { ...NO_ADVICE, ...more }, { pauses: true, jitter: 1, now });
}

function succeedTimes(pace: Pace, times: number): Pace {
  let current = pace;
  for (let count = 0; count < times; count += 1) {
    const { pace: begun, attempt } = start(current);
    current = succeeded(begun, attempt, NO_ADVICE, NOW);
  }
  return current;
}

describe('the limit on requests in flight', () => {
  it('starts at the ceiling and is halved by congestion', () => {
    const { pace, attempt } = start(openPace(32));
    expect(refuse(pace, attempt).limit).toBe(16);
  });

  it('is halved once, however many requests of the same round trip are refused', () => {
    let { pace } = start(openPace(32));
    const attempts = Array.from({ length: 32 }, () => {
      const begun = start(pace);
      pace = begun.pace;
      return begun.attempt;
    });
    for (const attempt of attempts) pace = refuse(pace, attempt);
    expect(pace.limit).toBe(16);
  });

  it('is halved again by a request that began after the cut', () => {
    const first = start(openPace(32));
    const cut = refuse(first.pace, first.attempt);
    const second = start(cut);
    expect(refuse(second.pace, second.attempt).limit).toBe(8);
  });

  it('grows by one in a round trip: after as many successes as fit in flight', () => {
    const { pace, attempt } = start(openPace(32));
    const cut = refuse(pace, attempt);
    expect(succeedTimes(cut, 15).limit).toBeLessThan(17);
    expect(succeedTimes(cut, 16).limit).toBeCloseTo(17, 9);
  });

  it('does not grow by replies to requests from before the cut', () => {
    const { pace, attempt } = start(openPace(8));
    const old = start(pace);
    const cut = refuse(old.pace, attempt);
    expect(succeeded(cut, old.attempt, NO_ADVICE, NOW).limit).toBe(4);
  });

  it('stays between 1 and the ceiling, whatever happens in whatever order', () => {
    const step = fc.record({
      good: fc.boolean(),
      age: fc.nat(5),
      waitMs: fc.option(fc.nat(5_000)),
      jitter: fc.float({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 64 }), fc.array(step, { maxLength: 60 }), (ceiling, steps) => {
        let pace = openPace(ceiling);
        const attempts: Attempt[] = [];
        for (const { good, age, waitMs, jitter } of steps) {
          const begun = begin(pace, 1, NOW);
          attempts.push(begun.attempt);
          const attempt = attempts.at(-1 - Math.min(age, attempts.length - 1)) ?? begun.attempt;
          const advice = { ...NO_ADVICE, waitMs };
          const before = begun.pace;
          pace = good
            ? succeeded(before, attempt, advice, NOW)
            : congested(before, attempt, advice, { pauses: true, jitter, now: NOW });
          expect(pace.limit).toBeGreaterThanOrEqual(1);
          expect(pace.limit).toBeLessThanOrEqual(ceiling);
          expect(pace.pausedUntil).toBeGreaterThanOrEqual(before.pausedUntil);
          if (good) expect(pace.limit).toBeLessThanOrEqual(before.limit + 1);
          else expect(pace.limit).toBeLessThanOrEqual(before.limit);
        }
      }),
    );
  });

  it('comes back to the ceiling when the trouble is over', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 8 }), (ceiling, cuts) => {
        let pace = openPace(ceiling);
        for (let cut = 0; cut < cuts; cut += 1) {
          const { pace: begun, attempt } = start(pace);
          pace = refuse(begun, attempt);
        }
        expect(succeedTimes(pace, ceiling * ceiling).limit).toBeCloseTo(ceiling, 6);
      }),
    );
  });
});

describe('a pause', () => {
  it('lasts as long as the server asks, for everybody', () => {
    const { pace, attempt } = start(openPace(4));
    const paused = refuse(pace, attempt, { waitMs: 7_000 });
    expect(waitFor(paused, 1, NOW)).toBe(7_000);
    expect(waitFor(paused, 1, NOW + 6_999)).toBe(1);
    expect(waitFor(paused, 1, NOW + 7_000)).toBe(0);
  });

  it('is not shortened by a later reply that asks for less', () => {
    const first = start(openPace(4));
    const paused = refuse(first.pace, first.attempt, { waitMs: 7_000 });
    expect(waitFor(refuse(paused, first.attempt, { waitMs: 10 }), 1, NOW)).toBe(7_000);
  });

  it('doubles with every refusal in a row that names none, up to half a minute', () => {
    let pace = openPace(1);
    const waits = Array.from({ length: 9 }, () => {
      const { pace: begun, attempt } = start(pace);
      pace = refuse({ ...begun, pausedUntil: 0 }, attempt);
      return waitFor(pace, 1, NOW);
    });
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('grows all the same where a server keeps asking for none', () => {
    let pace = openPace(1);
    for (let time = 0; time < 6; time += 1) {
      const { pace: begun, attempt } = start(pace);
      pace = refuse({ ...begun, pausedUntil: 0 }, attempt, { waitMs: 0 });
    }
    expect(waitFor(pace, 1, NOW)).toBe(16_000);
  });

  it('is not made by a slow or overloaded server that asks for none', () => {
    const { pace, attempt } = start(openPace(8));
    const cut = congested(pace, attempt, NO_ADVICE, { pauses: false, jitter: 1, now: NOW });
    expect([cut.limit, waitFor(cut, 1, NOW)]).toEqual([4, 0]);
  });

  it('is kept after an error that is no congestion, without a cut', () => {
    const { pace, attempt } = start(openPace(8));
    const told = heard(pace, attempt, { ...NO_ADVICE, waitMs: 900 }, NOW);
    expect([told.limit, waitFor(told, 1, NOW)]).toEqual([8, 900]);
  });
});

describe('an allowance that the server counts down', () => {
  const left = (remaining: number, resetMs = 2_000) => ({ remaining, resetMs });

  it('of no more requests holds everybody until it is whole again', () => {
    const { pace, attempt } = start(openPace(8));
    const told = succeeded(pace, attempt, { ...NO_ADVICE, requests: left(0) }, NOW);
    expect(waitFor(told, 1, NOW)).toBe(2_000);
    expect(waitFor(told, 1, NOW + 2_000)).toBe(0);
  });

  it('lets just as many begin as are left, those under way taken off', () => {
    const first = start(openPace(8));
    const second = start(first.pace);
    let pace = succeeded(second.pace, first.attempt, { ...NO_ADVICE, requests: left(3) }, NOW);
    for (let count = 0; count < 2; count += 1) {
      expect(waitFor(pace, 1, NOW)).toBe(0);
      pace = start(pace).pace;
    }
    expect(waitFor(pace, 1, NOW)).toBe(2_000);
  });

  it('of tokens holds what would need more, and lets smaller requests through', () => {
    const { pace, attempt } = start(openPace(8));
    const told = succeeded(pace, attempt, { ...NO_ADVICE, tokens: left(500) }, NOW);
    expect(waitFor(told, 501, NOW)).toBe(2_000);
    expect(waitFor(told, 500, NOW)).toBe(0);
  });

  it('is not overwritten by an older reply that comes late', () => {
    const first = start(openPace(8));
    const second = start(first.pace);
    const told = succeeded(second.pace, second.attempt, { ...NO_ADVICE, requests: left(0) }, NOW);
    const late = succeeded(told, first.attempt, { ...NO_ADVICE, requests: left(50) }, NOW);
    expect(waitFor(late, 1, NOW)).toBe(2_000);
  });

  it('holds nobody for ever: a request larger than any allowance goes when it is whole', () => {
    const { pace, attempt } = start(openPace(8));
    const told = succeeded(pace, attempt, { ...NO_ADVICE, tokens: left(10) }, NOW);
    expect(waitFor(told, 1e9, NOW + 2_000)).toBe(0);
  });
});
