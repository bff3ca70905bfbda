import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ChainedFile, ForgedFile } from '../../src/state/chained-file.js';
import { stateKeyFrom } from '../../src/state/hmac-chain.js';

const KEY = stateKeyFrom('sk-one');
const ENTRIES = [{ a: 1 }, { text: 'two\u2028lines\n"quoted" ✓ \ud83d\ude00' }, { entry: ',"mac":"' }, [4]];

let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chain-'));
  path = join(folder, 'file.jsonl');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(key = KEY): Promise<unknown[]> {
  const entries: unknown[] = [];
  const file = await ChainedFile.open(path, key, (entry) => entries.push(entry));
  await file.close();
  return entries;
}

async function write(entries: readonly unknown[], key = KEY): Promise<void> {
  const file = await ChainedFile.open(path, key, () => {});
  await Promise.all(entries.map((entry) => file.append(entry)));
  await file.close();
}

describe('a chained file', () => {
  it('gives back what was written, over several processes', async () => {
    await write(ENTRIES.slice(0, 2));
    await write(ENTRIES.slice(2));
    expect(await read()).toEqual(ENTRIES);
  });

  it('reads single entries again', async () => {
    await write(ENTRIES);
    const spans: { offset: number; length: number }[] = [];
    const file = await ChainedFile.open(path, KEY, (_, span) => spans.push(span));
    expect(await Promise.all(spans.map((span) => file.read(span)))).toEqual(ENTRIES);
    await file.close();
  });

  it('is readable by its owner alone', async () => {
    await write(ENTRIES);
    const { stat } = await import('node:fs/promises');
    expect((await stat(path)).mode & 0o077).toBe(0);
  });

  it('cut at any byte, as by a power cut, keeps all complete lines and goes on after them', async () => {
    await write(ENTRIES);
    const whole = await readFile(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 0x0a).map(([place]) => place + 1);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), async (length) => {
        await writeFile(path, whole.subarray(0, length));
        const kept = ends.filter((end) => end <= length).length;
        await write(['more']);
        expect(await read()).toEqual([...ENTRIES.slice(0, kept), 'more']);
      }),
      { numRuns: 60 },
    );
  });

  it('cuts off zeros that a power cut left at its end', async () => {
    await write(ENTRIES);
    await appendFile(path, Buffer.alloc(5000));
    expect(await read()).toEqual(ENTRIES);
  });

  it('in which any byte before the last line was changed is refused, or it reads the same', async () => {
    await write(ENTRIES);
    const whole = await readFile(path);
    const lastLine = whole.lastIndexOf(0x0a, whole.length - 2) + 1;
    await fc.assert(
      fc.asyncProperty(fc.nat(lastLine - 1), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const changed = Buffer.from(whole);
        changed[place] = (changed[place] ?? 0) ^ change;
        await writeFile(path, changed);
        await expect(read()).rejects.toThrow(ForgedFile);
      }),
      { numRuns: 150 },
    );
  });

  it('whose last complete line was rewritten is refused', async () => {
    await write(ENTRIES);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('{"entry":[4]', '{"entry":[5]'));
    await expect(read()).rejects.toThrow('line 4 does not verify');
  });

  it('from which a line was taken out is refused', async () => {
    await write(ENTRIES);
    const lines = (await readFile(path, 'utf8')).split('\n');
    await writeFile(path, lines.toSpliced(1, 1).join('\n'));
    await expect(read()).rejects.toThrow('line 2 does not verify');
  });

  it('written with another key is refused', async () => {
    await write(ENTRIES);
    await expect(read(stateKeyFrom('sk-two'))).rejects.toThrow('line 1 does not verify');
  });

  it('says when an entry is on the disk, also when many come at once', async () => {
    const file = await ChainedFile.open(path, KEY, () => {});
    const many = Array.from({ length: 500 }, (_, number) => ({ number }));
    await Promise.all(
      many.map(async (entry) => {
        await file.append(entry);
        expect(await readFile(path, 'utf8')).toContain(`{"number":${entry.number}}`);
      }),
    );
    await file.close();
    expect(await read()).toEqual(many);
  });
});
