import { describe, expect, it } from '@jest/globals';
import { Halt } from '../../src/sampling/early-stop.js';
import { type Limits, LookAhead } from '../../src/sampling/look-ahead.js';

const upTo = (most: number, lastBlock = 0): Limits => ({ most: { candidate: most, baseline: most }, lastBlock });

describe('once a run is halted', () => {
  it('whatever waited may go', async () => {
    const halt = new Halt();
    const ahead = new LookAhead(upTo(0), halt);
    const waiting = [ahead.admit('candidate', 0), ahead.admit('baseline', 3)];
    halt.because({ code: 'some', message: 'reason' });
    await expect(Promise.all(waiting)).resolves.toHaveLength(2);
  });

  it('limits that come later hold nobody up', async () => {
    const halt = new Halt();
    const ahead = new LookAhead(upTo(1), halt);
    expect(ahead.admit('candidate', 0)).toBeNull();
    halt.done();
    ahead.allow(upTo(1));
    expect(ahead.admit('candidate', 0)).toBeNull();
    expect(ahead.admit('baseline', 9)).toBeNull();
  });
});
