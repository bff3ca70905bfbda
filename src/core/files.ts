import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { readRegularFile, refuseEndless } from './regular-file.js';
import { textOf } from './text-bytes.js';
import { refuseLinkOut } from './workspace.js';

/**
 * A text file whose bytes are all of UTF-8, gzip-compressed or not; a byte order mark stays. Where pull requests are
 * tested, no link leads there out of the checkout: what stands in a file may be quoted.
 * @throws ConfigError naming what it is instead; the file system's errors
 */
export async function readUtf8File(path: string): Promise<string> {
  await refuseLinkOut(path);
  return textOf(await readRegularFile(path), path);
}

/** Bytes read at a time: hashes 100 MB in about 0.1 s, a third less than with Node's default. */
const CHUNK = 2 ** 20;

/** SHA-256 (lower-case hex) of a file of any size. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: CHUNK }), hash);
  return hash.digest('hex');
}

const digests = new Map<string, Promise<string>>();

/** The same, computed once in this process for each state (size and modification time) of a file: both arms may share one. */
export async function sharedSha256(path: string): Promise<string> {
  await refuseEndless(path);
  const { size, mtimeMs } = await stat(path);
  const key = `${size} ${mtimeMs} ${path}`;
  const digest = digests.get(key) ?? fileSha256(path);
  digests.set(key, digest);
  return digest;
}

/** The SHA-256 of a file, or null where there is no file. */
export async function sha256IfThere(path: string): Promise<string | null> {
  return sharedSha256(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
