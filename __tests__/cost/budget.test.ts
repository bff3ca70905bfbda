import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Budget, type CostRecord } from '../../src/cost/budget.js';

/** What a request has come to so far. */
function watch(reservation: Promise<(usd: number) => void>) {
  const watched = { state: 'waiting', settle: (_usd: number) => {} };
  reservation.then(
    (settle) => Object.assign(watched, { state: 'in flight', settle }),
    (error: Error) => Object.assign(watched, { state: error.message }),
  );
  return watched;
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('a limit on spend', () => {
  it('lets no request leave whose price could go beyond it, and lets it go once the others turn out cheaper', async () => {
    const budget = new Budget(1);
    const [first, second] = [watch(budget.reserve(0.6)), watch(budget.reserve(0.6))];
    await settled();
    expect([first.state, second.state]).toEqual(['in flight', 'waiting']);
    first.settle(0.1);
    await settled();
    expect(second.state).toBe('in flight');
  });

  it('ends the run when nothing in flight can make room, and says what is spent and what the next request may cost', async () => {
    const budget = new Budget(1);
    const [first, second] = [watch(budget.reserve(0.6)), watch(budget.reserve(0.6))];
    await settled();
    first.settle(0.5);
    await settled();
    expect(second.state).toContain('limit of 1 USD ends the run');
    expect(second.state).toContain('up to 0.50 USD are spent, and the next request may cost up to 0.60 USD');
    await expect(budget.reserve(0.6)).rejects.toMatchObject({ code: 'cost-limit', exitCode: 2 });
  });

  it('keeps the order of arrival: a large request is not starved by small ones', async () => {
    const budget = new Budget(1);
    const waiting = [0.9, 0.5, 0.05].map((most) => watch(budget.reserve(most)));
    await settled();
    expect(waiting.map(({ state }) => state)).toEqual(['in flight', 'waiting', 'waiting']);
    waiting[0]?.settle(0.2);
    await settled();
    expect(waiting.slice(1).map(({ state }) => state)).toEqual(['in flight', 'in flight']);
  });

  it('waits no longer once the run is over', async () => {
    const budget = new Budget(1);
    const over = new AbortController();
    watch(budget.reserve(1));
    const second = budget.reserve(1, over.signal);
    over.abort(new Error('over'));
    await expect(second).rejects.toThrow('over');
    await expect(budget.reserve(1, over.signal)).rejects.toThrow('over');
  });

  describe('that keeps a record', () => {
    /** Takes a moment to write, as a disk does. */
    function recordAfter(earlierUsd: number) {
      const covered: number[] = [];
      const record: CostRecord = {
        earlierUsd,
        get coveredUsd() {
          return covered.at(-1) ?? 0;
        },
        cover: async (usd) => {
          await settled();
          covered.push(usd);
        },
      };
      return { record, covered };
    }

    it('lets a request leave only once what it may cost is written down', async () => {
      const budget = new Budget(1);
      const { record, covered } = recordAfter(0);
      budget.keep(record);
      const first = watch(budget.reserve(0.25));
      expect([first.state, covered]).toEqual(['waiting', []]);
      await settled();
      await settled();
      expect([first.state, covered]).toEqual(['in flight', [0.26]]);
    });

    it('writes in steps, not for every request', async () => {
      const budget = new Budget(1);
      const { record, covered } = recordAfter(0);
      budget.keep(record);
      for (let request = 0; request < 5000; request += 1) (await budget.reserve(0.002))(0.0001);
      expect(covered.length).toBeLessThanOrEqual(51);
      expect(covered.at(-1)).toBeGreaterThanOrEqual(0.5);
    });

    it('has no more room than earlier attempts left, and writes down no more', async () => {
      const budget = new Budget(1);
      const { record, covered } = recordAfter(0.75);
      budget.keep(record);
      const [first, second] = [watch(budget.reserve(0.25)), watch(budget.reserve(0.001))];
      await settled();
      await settled();
      expect([first.state, second.state, covered]).toEqual(['in flight', 'waiting', [0.25]]);
      first.settle(0.25);
      await settled();
      expect(second.state).toContain('up to 1.00 USD are spent');
    });

    it('takes the larger of what is written down and what earlier attempts counted, and tells the doubt', async () => {
      const budget = new Budget(1);
      budget.keep(recordAfter(0.5).record);
      budget.resume(0.25);
      expect(budget.doubtfulUsd).toBe(0.25);
      budget.resume(0.9);
      expect(budget.doubtfulUsd).toBe(0);
      await expect(budget.reserve(0.2)).rejects.toMatchObject({ code: 'cost-limit' });
    });

    it('that can not be written to lets nothing leave, and sets nothing aside for it', async () => {
      const budget = new Budget(1);
      const cover = () => Promise.reject(new Error('disk full'));
      budget.keep({ earlierUsd: 0, coveredUsd: 0, cover });
      await expect(budget.reserve(0.25)).rejects.toThrow('disk full');
      expect(budget.ownUsd).toBe(0);
    });
  });

  it('without a limit lets everything through at once', async () => {
    const budget = new Budget(null);
    const all = await Promise.all([1e9, 1e9, 1e9].map((most) => budget.reserve(most)));
    expect(all).toHaveLength(3);
  });

  it('is never exceeded, in whatever order requests end and as long as none costs more than the most it can', async () => {
    const request = fc.record({
      most: fc.double({ min: 0, max: 1, noNaN: true }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), fc.integer({ min: 1, max: 8 }), async (requests, step) => {
        const budget = new Budget(2);
        let spent = 0;
        const flying: (() => void)[] = [];
        for (const [index, { most, share }] of requests.entries()) {
          void budget.reserve(most).then(
            (settle) =>
              flying.push(() => {
                spent += most * share;
                settle(most * share);
              }),
            () => {},
          );
          await settled();
          if (index % step === 0) flying.pop()?.();
        }
        while (flying.length > 0) {
          flying.shift()?.();
          await settled();
        }
        expect(spent).toBeLessThanOrEqual(2 + 1e-9);
      }),
      { numRuns: 30 },
    );
  });
});
