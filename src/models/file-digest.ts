import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';

/** SHA-256 (lower-case hex) of a file of any size. */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

const digests = new Map<string, Promise<string>>();

/** The same, computed once in this process for each state (size and modification time) of a file: both arms may share one. */
export async function sharedSha256(path: string): Promise<string> {
  const key = `${await fileState(path)} ${path}`;
  const digest = digests.get(key) ?? fileSha256(path);
  digests.set(key, digest);
  return digest;
}

/**
 * Whether the file at `path` has this SHA-256. A yes is noted in `PATH.verified` with the file's state, so that the next run
 * reads no 100 MB again; a file changed since is hashed anew.
 */
export async function isVerified(path: string, sha256: string): Promise<boolean> {
  const note = `${sha256} ${await fileState(path)}\n`;
  const notePath = `${path}.verified`;
  if ((await readFile(notePath, 'utf8').catch(() => '')) === note) return true;
  if ((await fileSha256(path)) !== sha256) return false;
  // A cache that can't be written (read-only, shared) costs a second's hashing each time, nothing more.
  await writeFile(notePath, note).catch(() => {});
  return true;
}

async function fileState(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return `${size} ${mtimeMs}`;
}
