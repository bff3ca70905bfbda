import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Turns } from '../../../../src/models/served/rate-limit/adapter-batches.js';

describe('a server that takes turns', () => {
  it('never has two kinds inside at once, and lets everybody in, whatever comes in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        async (kinds, batch) => {
          const turns = new Turns(batch);
          const inside = new Set<string>();
          const counts = new Map<string, number>();
          let served = 0;
          await Promise.all(
            kinds.map(async (kind) => {
              await turns.enter(kind, undefined);
              inside.add(kind);
              counts.set(kind, (counts.get(kind) ?? 0) + 1);
              expect(inside.size).toBe(1);
              await Promise.resolve();
              counts.set(kind, (counts.get(kind) ?? 0) - 1);
              if (counts.get(kind) === 0) inside.delete(kind);
              served += 1;
              turns.leave();
            }),
          );
          expect(served).toBe(kinds.length);
        },
      ),
    );
  });

  it('lets no kind in for ever while another waits', async () => {
    const turns = new Turns(2);
    const order: string[] = [];
    await turns.enter('a', undefined);
    const visit = async (kind: string) => {
      await turns.enter(kind, undefined);
      order.push(kind);
      await Promise.resolve();
      turns.leave();
    };
    const all = ['b', 'a', 'a', 'a', 'b'].map(visit);
    turns.leave();
    await Promise.all(all);
    expect(order.indexOf('b')).toBeLessThan(3);
    expect(order.filter((kind) => kind === 'a')).toHaveLength(3);
  });

  it('forgets who was stopped while waiting', async () => {
    const turns = new Turns(1);
    const controller = new AbortController();
    await turns.enter('a', undefined);
    const stopped = turns.enter('b', controller.signal);
    controller.abort(new Error('stop'));
    await expect(stopped).rejects.toThrow('stop');
    turns.leave();
    await turns.enter('c', undefined);
    turns.leave();
  });
});
