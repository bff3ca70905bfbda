import { readRegularFile } from '../regular-file.js';
import { textOf } from '../text-bytes.js';
import { refuseLinkOut } from '../workspace.js';

/**
 * A text file whose bytes are all of UTF-8, gzip-compressed or not; a byte order mark stays. Where pull requests are
 * tested, no link leads there out of the checkout: what stands in a file may be quoted.
 * @throws ConfigError naming what it is instead; the file system's errors
 */
export async function readUtf8File(path: string): Promise<string> {
  await refuseLinkOut(path);
  return textOf(await readRegularFile(path), path);
}
