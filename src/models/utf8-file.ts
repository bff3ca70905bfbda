import { isUtf8 } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { ConfigError } from '../errors.js';

/**
 * A text file whose bytes are all of UTF-8; a byte order mark stays. Read as Node reads it, a byte that is none would turn
 * into U+FFFD without a word.
 * @throws ConfigError naming file and line; the file system's errors
 */
export async function readUtf8File(path: string): Promise<string> {
  const bytes = await readFile(path);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const line = firstForeignLine(bytes);
  const hint = isUtf16(bytes) ? ', it begins as UTF-16 does' : '';
  throw new ConfigError('config.encoding', `${path} line ${line}: not text in UTF-8${hint}. Save the file as UTF-8`);
}

/** The line feed is a character of its own in UTF-8: each line is whole, or holds the fault. */
function firstForeignLine(bytes: Buffer): number {
  let line = 1;
  let start = 0;
  for (let feed = bytes.indexOf(LINE_FEED); feed >= 0; feed = bytes.indexOf(LINE_FEED, start)) {
    if (!isUtf8(bytes.subarray(start, feed))) return line;
    line += 1;
    start = feed + 1;
  }
  return line;
}

function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex');
  return mark === 'fffe' || mark === 'feff';
}

const LINE_FEED = 0x0a;
