import { describe, expect, it } from '@jest/globals';
import { Halt } from '../../src/sampling/early-stop.js';
import { Pace } from '../../src/sampling/look-ahead.js';
import { Spread } from '../../src/sampling/spread.js';
import { battery, engineFor, FINE } from '../verdict/support.js';

describe('a run that is spread over min-minutes', () => {
  it('begins the blocks that a pass takes evenly, the last when the time is over', () => {
    let now = 0;
    const spread = new Spread(10, 5, { now: () => now });
    const at = (minutes: number) => {
      now = minutes * 60_000;
      return [spread.lastBlock, spread.isTooSoon];
    };
    expect([0, 2.4, 2.5, 7.5, 9.9, 10].map(at)).toEqual([
      [0, true],
      [0, true],
      [1, true],
      [3, true],
      [3, true],
      [Number.POSITIVE_INFINITY, false],
    ]);
  });

  it('says for how long, and until when the next block waits', () => {
    const spread = new Spread(10, 5, { now: () => 0 });
    expect(spread.nextInMs).toBe(150_000);
    expect(spread.waiting).toContain('10 min (verdict.min-minutes)');
  });

  it('is one block at a time even where a pass is out of reach, or takes one block', () => {
    for (const blocks of [1, Number.POSITIVE_INFINITY]) {
      const spread = new Spread(10, blocks, { now: () => 0 });
      expect([spread.lastBlock, spread.isTooSoon]).toEqual([0, true]);
    }
  });

  it('lets a block begin in time though no answer comes meanwhile', async () => {
    const started = Date.now();
    const spread = new Spread(0.2 / 60, 2, { now: () => Date.now() });
    const halt = new Halt();
    const engine = engineFor(battery(16, 4));
    const pace = new Pace(engine, halt, 16, 32, spread);
    pace.openBlock(Array(16).fill(FINE));
    await pace.ahead.admit('candidate', 1);
    expect(Date.now() - started).toBeGreaterThanOrEqual(195);
    halt.done();
  });
});
