import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProviderError } from '../../src/core/errors.js';
import { CostBook } from '../../src/state/cost-journal.js';
import { stateKeyFrom } from '../../src/state/hmac-chain.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'costs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const path = () => join(folder, 'a.costs');

function open(secret = 'sk-one', assertHeld = () => {}): Promise<CostBook> {
  return CostBook.open({ path: path(), key: stateKeyFrom(secret), now: 7, folder: { path: folder, assertHeld } });
}

describe('what attempts at a verdict may have cost', () => {
  it('is nothing at first', async () => {
    const book = await open();
    expect([book.earlierUsd, book.coveredUsd]).toEqual([0, 0]);
    await book.close(0);
  });

  it('is all that was covered, where an attempt was killed: it had no time to say', async () => {
    const killed = await open();
    await killed.belongsTo('v');
    await killed.cover(2);
    await killed.cover(3);
    const next = await open();
    expect(next.earlierUsd).toBe(3);
    await next.belongsTo('v');
    expect(next.earlierUsd).toBe(3);
  });

  it('is what was spent, where an attempt came to its end', async () => {
    const ended = await open();
    await ended.belongsTo('v');
    await ended.cover(3);
    await ended.close(1.25);
    expect((await open()).earlierUsd).toBe(1.25);
  });

  it('adds up over attempts, those that never came beyond their preflight among them', async () => {
    for (const usd of [0.25, 0.5]) {
      const failed = await open();
      await failed.cover(1);
      await failed.close(usd);
    }
    const killed = await open();
    expect(killed.earlierUsd).toBe(0.75);
    await killed.cover(1);
    expect(killed.earlierUsd).toBe(0.75);
    const third = await open();
    expect(third.earlierUsd).toBe(1.75);
    await third.cover(0.25);
    await third.belongsTo('v');
    expect(third.earlierUsd).toBe(1.75);
    await third.close(0.25);
    expect((await open()).earlierUsd).toBe(2);
  });

  it('is none of another verdict, which the model behind the same name may come to; until that is known, all are one', async () => {
    const before = await open();
    await before.belongsTo('v');
    await before.cover(4);
    await before.close(4);
    const after = await open();
    expect(after.earlierUsd).toBe(4);
    await after.cover(0.5);
    await after.belongsTo('w');
    expect(after.earlierUsd).toBe(0);
    await after.close(0.5);
    const again = await open();
    await again.belongsTo('v');
    expect(again.earlierUsd).toBe(4);
  });

  it('is on the disk before the cover is given, whatever number ask at once', async () => {
    const book = await open();
    await Promise.all([2, 1, 3].map((usd) => book.cover(usd)));
    expect(book.coveredUsd).toBe(3);
    expect((await open()).earlierUsd).toBe(3);
  });

  it('grows no more once the book is closed', async () => {
    const book = await open();
    await book.cover(1);
    await book.close(0.5);
    expect(book.coveredUsd).toBe(0.5);
    await expect(book.cover(0.75)).rejects.toThrow('closed');
    expect((await open()).earlierUsd).toBe(0.5);
  });

  it('covers nothing once another run has the folder', async () => {
    const book = await open('sk-one', () => {
      throw new ProviderError('state.lock-lost', 'taken over');
    });
    await expect(book.cover(1)).rejects.toThrow('taken over');
    expect(book.coveredUsd).toBe(0);
  });

  it('edited by somebody without the key is put aside', async () => {
    const book = await open();
    await book.cover(3);
    await book.cover(4);
    await book.close(4);
    await writeFile(path(), (await readFile(path(), 'utf8')).replace('"usd":3', '"usd":1'));
    expect((await open()).earlierUsd).toBe(0);
    expect(await readdir(folder)).toContain('a.costs.refused-7');
  });

  it('is never less than what was spent, wherever attempts are cut off', async () => {
    const attempt = fc.record({
      preflight: fc.integer({ min: 0, max: 8 }),
      known: fc.boolean(),
      later: fc.integer({ min: 0, max: 8 }),
      ends: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 6 }), async (attempts) => {
        await rm(path(), { force: true });
        let spent = 0;
        for (const { preflight, known, later, ends } of attempts) {
          const book = await open();
          expect(book.earlierUsd).toBeGreaterThanOrEqual(spent);
          await book.cover(preflight);
          if (known) await book.belongsTo('v');
          await book.cover(preflight + later);
          spent += preflight + later;
          if (ends) await book.close(preflight + later);
        }
        const last = await open();
        await last.belongsTo('v');
        expect(last.earlierUsd).toBe(spent);
        await last.close(0);
      }),
      { numRuns: 30 },
    );
  });
});
