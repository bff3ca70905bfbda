import { readFile, stat } from 'node:fs/promises';
import { ConfigError } from './errors.js';

/**
 * Refuses what is neither a file nor a folder. Opening a pipe that nobody writes to, or reading a device, may never end, and no
 * signal and no limit would end the process then: such a read holds one of its threads.
 * @throws ConfigError naming what it is; the file system's errors
 */
export async function refuseEndless(path: string): Promise<void> {
  const found = await stat(path);
  if (found.isFile() || found.isDirectory()) return;
  const kind = found.isFIFO() ? 'a pipe' : found.isSocket() ? 'a socket' : 'a device';
  throw new ConfigError(
    'config.path',
    `${JSON.stringify(path)} is ${kind}, and only a regular file is read: a pipe or device may never end. Write its content to a file and name that`,
  );
}

/** The bytes of a regular file. @throws as `refuseEndless` */
export async function readRegularFile(path: string): Promise<Buffer> {
  await refuseEndless(path);
  return readFile(path);
}
