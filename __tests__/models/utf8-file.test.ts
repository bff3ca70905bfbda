import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError } from '../../src/errors.js';
import { readUtf8File } from '../../src/models/utf8-file.js';

let path: string;
beforeEach(async () => {
  path = join(await mkdtemp(join(tmpdir(), 'utf8-')), 'a.jsonl');
});
afterEach(() => rm(join(path, '..'), { recursive: true }));

describe('a text file', () => {
  it('is read as it stands, its byte order mark and its own U+FFFD too', async () => {
    const text = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await writeFile(path, `\ufeff\ufffd${content}`);
        expect(await readUtf8File(path)).toBe(`\ufeff\ufffd${content}`);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['Latin-1', Buffer.from('one\r\ntwo\r\ncaf\u00e9\r\n', 'latin1'), /a\.jsonl line 3: not text in UTF-8\. Save/],
    ['a cut character at the end', Buffer.from('é\né').subarray(0, 4), /a\.jsonl line 2: not text in UTF-8\. Save/],
    ['UTF-16', Buffer.from('\ufeffone', 'utf16le'), /a\.jsonl line 1: not text in UTF-8, it begins as UTF-16 does/],
  ])('of %s is an error with file and line', async (_, bytes, message) => {
    await writeFile(path, bytes);
    await expect(readUtf8File(path)).rejects.toThrow(message);
    await expect(readUtf8File(path)).rejects.toBeInstanceOf(ConfigError);
  });
});
