import { readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import { ConfigError } from '../core/errors.js';
import { replaceFile } from '../core/folders.js';

/** A lock that is not renewed for so long (its process is gone, or its machine) is free. */
const STALE_MS = 15_000;

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601, UTC. */
  readonly since: string;
}

export interface Lock {
  release(): Promise<void>;
}

/** Taking a lock takes milliseconds: so long somebody who wants one too waits for whoever is at it. */
const AT_IT = { retries: 40, factor: 1, minTimeout: 50, maxTimeout: 50 };

/**
 * Takes a state directory for this process: two runs in one would draw the same answers twice and spoil each other's files.
 * @param onLost is called when another process took it over, because this one stood still for too long
 * @throws ConfigError naming the process that has it
 */
export async function lockFolder(folder: string, onLost: (error: Error) => void): Promise<Lock> {
  const ownerFile = join(folder, 'owner.json');
  const done = await oneAtATime(folder);
  try {
    const release = await takeLock(folder, ownerFile, onLost);
    const owner: Owner = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
    await replaceFile(ownerFile, JSON.stringify(owner));
    return {
      release: async () => {
        await rm(ownerFile, { force: true });
        // Lost meanwhile: then there is nothing to give back.
        await release().catch(() => {});
      },
    };
  } finally {
    await done().catch(() => {});
  }
}

/** Two who find the lock of a dead process would each take it away, the second one that of the first. */
async function oneAtATime(folder: string): Promise<() => Promise<void>> {
  // The library knows locks by what they are on, not by where they lie: this is one on another file, which need not be there.
  const options = { realpath: false, stale: STALE_MS, retries: AT_IT, onCompromised: () => {} };
  try {
    return await lockfile.lock(join(folder, 'taking'), options);
  } catch (error) {
    throw isLocked(error) ? occupied(folder, null) : error;
  }
}

async function takeLock(folder: string, ownerFile: string, onLost: (error: Error) => void) {
  const lockfilePath = join(folder, 'lock');
  const take = () => lockfile.lock(folder, { lockfilePath, stale: STALE_MS, onCompromised: onLost });
  try {
    return await take();
  } catch (error) {
    if (!isLocked(error)) throw error;
    const owner = await readOwner(ownerFile);
    if (owner === null || !isGone(owner)) throw occupied(folder, owner);
    // Nobody renews it, and its process is gone: no need to wait until it is stale.
    await rm(lockfilePath, { recursive: true, force: true });
    return take();
  }
}

function isLocked(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ELOCKED';
}

async function readOwner(path: string): Promise<Owner | null> {
  try {
    const { pid, host, since } = JSON.parse(await readFile(path, 'utf8'));
    return Number.isInteger(pid) && typeof host === 'string' && typeof since === 'string' ? { pid, host, since } : null;
  } catch {
    return null;
  }
}

/** Only a process of this machine can be known to be gone. */
function isGone({ pid, host }: Owner): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function occupied(folder: string, owner: Owner | null): ConfigError {
  const by = owner === null ? 'another run' : `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
  return new ConfigError(
    'config.state-dir-in-use',
    `state-dir: ${JSON.stringify(folder)} is in use by ${by}. Wait until it has ended, or give this run a state-dir of its own. A run that has died frees its directory within ${STALE_MS / 1000} seconds`,
  );
}
