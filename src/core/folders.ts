import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A folder that is this process's own, as long as nobody takes it over. */
export interface HeldFolder {
  readonly path: string;
  /** @throws ProviderError once somebody has */
  assertHeld(): void;
}

/**
 * Makes a folder and those above it that are missing. Node's own recursive `mkdir` never comes back where a file system answers
 * ENOENT whatever is there, as /proc does.
 * @param mode of the folders that are made
 * @throws the file system's errors
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  const trouble = await make(path, mode);
  if (trouble === null) return;
  if (trouble.code !== 'ENOENT' || dirname(path) === path) throw trouble;
  await makeFolder(dirname(path), mode);
  const again = await make(path, mode);
  if (again !== null) throw again;
}

/** @returns what the file system has against it; null when the folder is there now */
async function make(path: string, mode: number): Promise<NodeJS.ErrnoException | null> {
  try {
    await mkdir(path, { mode });
    return null;
  } catch (error) {
    // Not only EEXIST: read-only file systems, and drives on Windows, refuse before they see that it is there.
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    return isThere ? null : (error as NodeJS.ErrnoException);
  }
}

/**
 * Puts a file in place as a whole: whoever reads meanwhile gets the old one or the new one, never half of it. A link in its
 * place is replaced, not followed, and nobody can put one in the way: the name that is written first is new.
 * @throws the file system's errors
 */
export async function replaceFile(path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}-${process.hrtime.bigint()}.part`;
  try {
    await writeFile(part, text, { flag: 'wx' });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}
