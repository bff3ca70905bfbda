import { lstat, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** GitHub lets a run be repeated for 30 days; who works on a machine of their own may come back later. */
export const KEPT_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

const RUN_FOLDER = /^run-[0-9a-f]{16}$/;
const BASELINE_FOLDER = /^baseline-[0-9a-f]{16}$/;
const PUT_ASIDE = /^[0-9a-f]{16}\.(jsonl|costs)\.refused-\d+$/;
const JOURNAL = /^[0-9a-f]{16}\.(jsonl|costs)(\.refused-\d+)?$/;

export interface Pruning {
  /** Names of folders that this run uses. */
  readonly used: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Takes journals of other verdicts away that nobody has written to for long, and files that were put aside: they would pile up
 * on a machine that keeps its disk. What this run uses stays, and so does every baseline's cache. Only files that bear our names
 * are touched, no links are followed, and nothing that goes wrong matters. To be called with the folder locked.
 * @returns how many files were taken away
 */
export async function pruneJournals(folder: string, { used, now }: Pruning): Promise<number> {
  const before = now - KEPT_DAYS * DAY_MS;
  let pruned = 0;
  for (const name of await foldersIn(folder)) {
    if (used.includes(name)) continue;
    const which = RUN_FOLDER.test(name) ? JOURNAL : BASELINE_FOLDER.test(name) ? PUT_ASIDE : null;
    if (which !== null) pruned += await pruneFolder(join(folder, name), which, before);
  }
  return pruned;
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  // A link is no directory here, wherever it leads.
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function pruneFolder(folder: string, which: RegExp, before: number): Promise<number> {
  let pruned = 0;
  for (const name of await readdir(folder).catch(() => [])) {
    if (which.test(name) && (await removed(join(folder, name), before))) pruned += 1;
  }
  // Only where nothing is left in it.
  if (pruned > 0) await rmdir(folder).catch(() => {});
  return pruned;
}

async function removed(path: string, before: number): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isFile() || found.mtimeMs >= before) return false;
    await unlink(path);
    return true;
  } catch {
    return false;
  }
}
