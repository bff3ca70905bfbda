import { readFile } from 'node:fs/promises';
import { textOf } from '../text-bytes.js';

/**
 * A text file whose bytes are all of UTF-8, packed by gzip or not; a byte order mark stays.
 * @throws ConfigError naming what it is instead; the file system's errors
 */
export async function readUtf8File(path: string): Promise<string> {
  return textOf(await readFile(path), path);
}
