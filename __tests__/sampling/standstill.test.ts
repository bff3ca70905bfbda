import { describe, expect, it } from '@jest/globals';
import type { Settings } from '../../src/config/settings.js';
import type { KnownError } from '../../src/core/errors.js';
import { Halt } from '../../src/sampling/early-stop.js';
import { Pace } from '../../src/sampling/look-ahead.js';
import { Spread } from '../../src/sampling/spread.js';
import { Standstill, spellOf } from '../../src/sampling/standstill.js';
import { battery, engineFor, FINE } from '../verdict/support.js';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SPELL = 5 * MINUTE;

/** A run that is watched, on a clock and with ticks of its own. */
function watched() {
  const standstill = new Standstill(SPELL);
  const ended: KnownError[] = [];
  let now = 1_000_000;
  let tickMs = 0;
  let look: (() => void) | null = null;
  const stop = standstill.watch((because) => ended.push(because), {
    clock: { now: () => now },
    every: (milliseconds, call) => {
      [tickMs, look] = [milliseconds, call];
      return () => {
        look = null;
      };
    },
  });
  return {
    standstill,
    ended,
    stop,
    /** One tick, however late. */
    tick: (milliseconds: number) => {
      now += milliseconds;
      look?.();
    },
    pass: (milliseconds: number) => {
      for (let passed = 0; passed < milliseconds; passed += tickMs) {
        now += tickMs;
        look?.();
      }
    },
  };
}

describe('a run in which nothing happens', () => {
  it('ends once the spell is over, and once only', () => {
    const { ended, pass } = watched();
    pass(SPELL - 30 * SECOND);
    expect(ended).toEqual([]);
    pass(MINUTE);
    expect(ended).toMatchObject([{ code: 'run.stalled', exitCode: 2 }]);
    pass(10 * SPELL);
    expect(ended).toHaveLength(1);
  });

  it('says what was under way, and how many of each', () => {
    const { standstill, ended, pass } = watched();
    for (let nth = 0; nth < 12; nth += 1) standstill.begun('answers of the candidate');
    standstill.begun("the judge's test");
    standstill.begun('judgements')();
    pass(2 * SPELL);
    expect(ended.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^The run stood still: for 5 minutes nothing .* Still under way: answers of the candidate \(12\), the judge's test\. /,
      ),
    ]);
  });

  it('says so where nothing was under way', () => {
    const { ended, pass } = watched();
    pass(2 * SPELL);
    expect(ended[0]?.message).toContain('Still under way: nothing.');
  });

  it('is not ended when it is over before', () => {
    const { ended, pass, stop } = watched();
    pass(SPELL - 30 * SECOND);
    stop();
    pass(2 * SPELL);
    expect(ended).toEqual([]);
  });
});

describe('a run that is slow, but lives', () => {
  it.each([
    ['in which something begins now and then', (it: Standstill) => it.begun('judgements')],
    ['in which something ends now and then', (it: Standstill) => it.begun('judgements', 0)()],
  ])('is not ended: %s', (_, stir) => {
    const { standstill, ended, pass } = watched();
    for (let times = 0; times < 20; times += 1) {
      stir(standstill);
      pass(SPELL - 30 * SECOND);
    }
    expect(ended).toEqual([]);
  });

  it.each([
    ['a reply that takes ten minutes, with a reply-timeout of fifteen', 10, 15],
    ['a wait of ten minutes that a server asks for', 10, 10],
    ['an answer of an embedded model at a token a second, or slower', 500, Number.POSITIVE_INFINITY],
  ])('is not ended: %s', (_, minutes, withinMinutes) => {
    const { standstill, ended, pass } = watched();
    // What hangs on it has no limit of its own.
    standstill.begun('answers of the candidate');
    const arrived = standstill.begun('requests to http://slow', withinMinutes * MINUTE);
    pass(minutes * MINUTE);
    arrived();
    pass(SPELL - 30 * SECOND);
    expect(ended).toEqual([]);
  });

  it('is ended when what had a limit is still there a spell after it', () => {
    const { standstill, ended, pass } = watched();
    standstill.begun('requests to http://lost', 15 * MINUTE);
    pass(15 * MINUTE + SPELL - 30 * SECOND);
    expect(ended).toEqual([]);
    pass(2 * MINUTE);
    expect(ended).toMatchObject([{ message: expect.stringContaining('requests to http://lost') }]);
  });

  it('is as long awaited as the last of what is under way', () => {
    const { standstill, ended, pass } = watched();
    standstill.begun('requests to http://a', 30 * MINUTE);
    standstill.begun('requests to http://b', 2 * MINUTE)();
    pass(30 * MINUTE);
    expect(ended).toEqual([]);
  });

  it('is not ended for having computed, or slept with its machine, for hours', () => {
    const { ended, tick } = watched();
    for (let times = 0; times < 5; times += 1) tick(3 * 60 * MINUTE);
    expect(ended).toEqual([]);
  });

  it('is not ended, nor kept, by a clock that is set back', () => {
    const { ended, tick, pass } = watched();
    pass(SPELL - 30 * SECOND);
    tick(-24 * 60 * MINUTE);
    expect(ended).toEqual([]);
    pass(MINUTE);
    expect(ended).toHaveLength(1);
  });

  it('is not ended between two blocks that verdict.min-minutes keeps apart', () => {
    const { standstill, ended, pass } = watched();
    const halt = new Halt();
    const pace = new Pace(engineFor(battery(16, 4)), halt, 16, 32, new Spread(120, 4, { now: () => 0 }), standstill);
    pace.openBlock(Array(16).fill(FINE));
    pass(40 * MINUTE);
    expect(ended).toEqual([]);
    pass(SPELL + MINUTE);
    expect(ended).toMatchObject([{ message: expect.stringContaining('verdict.min-minutes') }]);
    halt.done();
  });
});

describe('the spell', () => {
  const of = (candidate: number, judge: number, confirm?: number) => {
    const asked = (seconds: number) => ({ replyTimeout: { seconds, name: 'reply-timeout' } });
    const judging = { ...asked(judge), confirm: confirm === undefined ? null : asked(confirm) };
    // A recorded or an embedded model has no such limit.
    return spellOf({ candidate: asked(candidate), baseline: {}, judge: judging } as unknown as Settings) / MINUTE;
  };

  it.each([
    [120, 120, undefined, 5],
    [15, 30, undefined, 5],
    [900, 120, undefined, 30],
    [120, 300, undefined, 10],
    [120, 120, 600, 20],
  ])('of reply-timeouts of %i, %i and %j seconds is %i minutes', (candidate, judge, confirm, minutes) => {
    expect(of(candidate, judge, confirm)).toBe(minutes);
  });
});
