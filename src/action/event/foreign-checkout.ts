import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../../core/errors.js';
import type { GateEvent } from './event.js';
import { PRIVILEGED } from './event-table.js';

/** How deep under the workspace a checkout is looked for (actions/checkout's `path`). */
const DEPTH = 2;
/** A folder with more entries than this is no place that a workflow checks out into. */
const MAX_ENTRIES = 1_000;
const LEFT_OUT = ['node_modules', '.git'];

/**
 * Refuses to go on where a job with secrets has checked out what is proposed: whatever that job runs next (an install
 * script, a test) is the stranger's, with the keys beside it.
 * @throws ConfigError naming the checkout, with advice.
 */
export async function refuseForeignCheckout(event: GateEvent, workspace: string): Promise<void> {
  if (!PRIVILEGED.includes(event.name) || event.proposedCommits.length === 0) return;
  for (const folder of await checkouts(workspace, DEPTH)) {
    const found = await proposedIn(folder, event);
    if (found === null) continue;
    throw new ConfigError(
      'action.foreign-checkout',
      `${event.name}: the folder ${folder} is a checkout of what the pull request proposes (${found}), in a job that holds ` +
        'this repository’s secrets. Take the checkout step out: the gate reads settings and the proposed value through the API. ' +
        'A job that needs the checkout belongs into a workflow on `pull_request`, without secrets',
    );
  }
}

/** Folders at or under `folder` that hold a `.git` folder. */
async function checkouts(folder: string, depth: number): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const own = entries.some((entry) => entry.name === '.git' && entry.isDirectory()) ? [folder] : [];
  if (depth === 0 || entries.length > MAX_ENTRIES) return own;
  const inside = entries.filter((entry) => entry.isDirectory() && !LEFT_OUT.includes(entry.name));
  const below = await Promise.all(inside.map(({ name }) => checkouts(join(folder, name), depth - 1)));
  return [...own, ...below.flat()];
}

/** What shows that a checkout is the pull request's: its commit, or the refs it was fetched by. */
async function proposedIn(folder: string, event: GateEvent): Promise<string | null> {
  const read = (path: string) => readFile(join(folder, '.git', path), 'utf8').catch(() => '');
  const packed = await read('packed-refs');
  const at = await commitOf(read, packed);
  const commit = event.proposedCommits.find((sha) => sha === at);
  if (commit !== undefined) return `commit ${commit.slice(0, 7)}`;
  const loose = await readdir(join(folder, '.git/refs/remotes/pull')).catch(() => []);
  // A full fetch brings the heads of all branches along; those of refs/pull only somebody who asked for them.
  const fetched = loose.length > 0 || /refs\/(remotes\/)?pull\//.test(packed + (await read('FETCH_HEAD')));
  return fetched ? 'fetched from refs/pull' : null;
}

/** The commit that is checked out, by Git's files. */
async function commitOf(read: (path: string) => Promise<string>, packed: string): Promise<string> {
  const head = (await read('HEAD')).trim();
  if (!head.startsWith('ref: ')) return head;
  const ref = head.slice('ref: '.length);
  // A branch's name is the pull request's to choose, so no file is opened by one that leaves the folder.
  if (!ref.startsWith('refs/') || ref.includes('..')) return '';
  const loose = (await read(ref)).trim();
  const line = packed.split('\n').find((entry) => entry.endsWith(` ${ref}`));
  return loose || (line?.split(' ')[0] ?? '');
}
