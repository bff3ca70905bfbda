import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigError } from '../../src/core/errors.js';
import { readUtf8File } from '../../src/core/files.js';

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

  it('is unpacked where gzip packed it', async () => {
    await writeFile(path, gzipSync('one\ntwo'));
    expect(await readUtf8File(path)).toBe('one\ntwo');
  });

  it('is not unpacked beyond a limit, which is named', async () => {
    await writeFile(path, gzipSync(Buffer.alloc(257 * 2 ** 20), { level: 1 }));
    await expect(readUtf8File(path)).rejects.toThrow(/a\.jsonl: it unpacks to more than 256 MiB/);
  }, 60_000);

  it('of an evaluation by Inspect is named as that', async () => {
    const log = `${path}.eval`;
    await writeFile(log, Buffer.from('504b0304140000000000000000000000000000000000', 'hex'));
    await expect(readUtf8File(log)).rejects.toThrow(/a log of Inspect \(\.eval\).*inspect log dump/);
  });

  it.each([
    ['Latin-1', Buffer.from('one\r\ntwo\r\ncaf\u00e9\r\n', 'latin1'), /a\.jsonl line 3: not text in UTF-8\. Save/],
    ['a cut character at the end', Buffer.from('é\né').subarray(0, 4), /a\.jsonl line 2: not text in UTF-8\. Save/],
    ['UTF-16', Buffer.from('\ufeffone', 'utf16le'), /a\.jsonl: text in UTF-16.*iconv -f UTF-16 -t UTF-8/],
    ['UTF-16 without its mark', Buffer.from('{"question_id"', 'utf16le'), /a\.jsonl: text in UTF-16/],
    [
      'a ZIP archive',
      Buffer.from('504b0304140000000000000000000000000000000000', 'hex'),
      /a\.jsonl: a ZIP archive.*Unpack it/,
    ],
    ['Parquet', Buffer.from('PAR1 and more'), /a\.jsonl: a Parquet file.*to_json/],
    ['zstd', Buffer.from('28b52ffd0000', 'hex'), /zstd-compressed\. Unpack it; gzip/],
    [
      'half a gzip',
      gzipSync('one two three').subarray(0, 20),
      /begins as gzip does, but can't be unpacked.*complete\?/,
    ],
    ['gzip of Latin-1', gzipSync(Buffer.from('one\ncaf\u00e9', 'latin1')), /a\.jsonl line 2: not text in UTF-8/],
  ])('of %s is an error that names the file, and the line where there is one', async (_, bytes, message) => {
    await writeFile(path, bytes);
    await expect(readUtf8File(path)).rejects.toThrow(message);
    await expect(readUtf8File(path)).rejects.toBeInstanceOf(ConfigError);
  });
});
