import { isUtf8 } from 'node:buffer';
import { gunzipSync } from 'node:zlib';
import { ConfigError } from './errors.js';

/** A packed file of a few kilobytes may hold gigabytes. 256 MiB are some 100,000 long answers. */
const MOST_UNPACKED_MIB = 256;

/**
 * The text in a file's bytes: UTF-8, gzip-compressed or not; a byte order mark stays. Read as Node reads it, a byte that is none
 * would turn into U+FFFD without a word.
 * @param what names the file, for messages
 * @throws ConfigError naming what it is instead, and what to do; for a foreign byte its line
 */
export function textOf(bytes: Buffer, what: string): string {
  const unpacked = isGzip(bytes) ? unpack(bytes, what) : bytes;
  const instead = formatOf(unpacked, what);
  if (instead !== null) throw new ConfigError('config.encoding', `${what}: ${instead}`);
  if (isUtf8(unpacked)) return unpacked.toString('utf8');
  const line = firstForeignLine(unpacked);
  throw new ConfigError('config.encoding', `${what} line ${line}: not text in UTF-8. Save the file as UTF-8`);
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpack(bytes: Buffer, what: string): Buffer {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_MIB * 2 ** 20 });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why =
      code === 'ERR_BUFFER_TOO_LARGE'
        ? `it unpacks to more than ${MOST_UNPACKED_MIB} MiB, the most that is unpacked here. Leave out columns that are not needed, or unpack it yourself`
        : `it begins as gzip does, but can't be unpacked (${message}). Is it complete?`;
    throw new ConfigError('config.encoding', `${what}: ${why}`, { cause });
  }
}

const AS_LINES = 'Save the rows as JSON Lines or CSV';

/** By a file's first bytes (hex). */
const FORMATS: readonly (readonly [magic: string, instead: string])[] = [
  ['504b0304', `a ZIP archive (.zip, .xlsx), no text. Unpack it, or save the sheet as CSV UTF-8`],
  ['504b0506', 'an empty ZIP archive, no text'],
  ['425a68', 'bzip2-compressed. Unpack it; gzip (.gz) is read as it is'],
  ['fd377a585a', 'xz-compressed. Unpack it; gzip (.gz) is read as it is'],
  ['28b52ffd', 'zstd-compressed. Unpack it; gzip (.gz) is read as it is'],
  [
    '50415231',
    `a Parquet file, no text. ${AS_LINES}: pandas.read_parquet(FILE).to_json(FILE + ".jsonl", orient="records", lines=True)`,
  ],
  ['4152524f5731', `an Arrow file, no text. ${AS_LINES}`],
  ['53514c69746520666f726d6174', `an SQLite database, no text. ${AS_LINES}`],
];

const INSPECT =
  'a log of Inspect (.eval), no text. Write its samples as JSON Lines, one answer a row: `inspect log dump FILE > log.json` shows them as JSON';

const UTF_16 =
  'text in UTF-16, not in UTF-8. Save the file as UTF-8 (Excel: "CSV UTF-8"; PowerShell: Out-File -Encoding utf8; elsewhere: iconv -f UTF-16 -t UTF-8)';

function formatOf(bytes: Buffer, what: string): string | null {
  const start = bytes.subarray(0, 16).toString('hex');
  const [magic, instead = null] = FORMATS.find(([known]) => start.startsWith(known)) ?? [];
  if (magic === '504b0304' && /\.eval\b/i.test(what)) return INSPECT;
  return instead ?? (isUtf16(bytes) ? UTF_16 : null);
}

/** By its mark; without one, by the zero bytes that every second byte of plain text is then. */
function isUtf16(bytes: Buffer): boolean {
  const mark = bytes.subarray(0, 2).toString('hex');
  if (mark === 'fffe' || mark === 'feff') return true;
  const start = bytes.subarray(0, 64);
  const zeros = [0, 1].map((from) => start.filter((byte, place) => place % 2 === from && byte === 0).length);
  return start.length >= 4 && zeros.some((count) => count * 4 >= start.length);
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

const LINE_FEED = 0x0a;
