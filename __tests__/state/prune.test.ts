import { lstat, lutimes, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { KEPT_DAYS, pruneJournals } from '../../src/state/prune.js';

const NOW = Date.now();
const OLD = (KEPT_DAYS + 1) * 24 * 60 * 60 * 1000;
const [RUN, OTHER, BASELINE] = [`run-${'a'.repeat(16)}`, `run-${'b'.repeat(16)}`, `baseline-${'c'.repeat(16)}`];
const BOOK = `${'1'.repeat(16)}.jsonl`;

let root = '';
let folder = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'prune-'));
  folder = join(root, 'state');
  await mkdir(folder);
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** A file that was last written so long ago. */
async function leave(path: string, age = OLD): Promise<string> {
  const file = join(folder, path);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, 'x\n');
  await utimes(file, new Date(NOW - age), new Date(NOW - age));
  return file;
}

const prune = (used: readonly string[] = []) => pruneJournals(folder, { used, now: NOW });
const left = async () => (await readdir(root, { recursive: true })).map((name) => name.replace('state/', '')).sort();

describe('old journals in a state directory', () => {
  it('of other verdicts go, with what was put aside and the folder that is then empty', async () => {
    await leave(`${RUN}/${BOOK}`);
    await leave(`${RUN}/${BOOK}.refused-1700000000000`);
    await leave(`${BASELINE}/${BOOK}.refused-1700000000000`);
    expect(await prune()).toBe(3);
    expect(await left()).toEqual(['state']);
  });

  it('that were written to since stay', async () => {
    await leave(`${RUN}/${BOOK}`, OLD - 2 * 24 * 60 * 60 * 1000);
    await leave(`${OTHER}/${BOOK}`, -OLD);
    expect(await prune()).toBe(0);
    expect(await left()).toContain(`${RUN}/${BOOK}`);
  });

  it('of this very verdict stay, whatever their age', async () => {
    await leave(`${RUN}/${BOOK}`);
    await leave(`${OTHER}/${BOOK}`);
    expect(await prune([RUN])).toBe(1);
    expect(await left()).toEqual(expect.arrayContaining([`${RUN}/${BOOK}`]));
  });

  it('leave every baseline’s cache alone', async () => {
    await leave(`${BASELINE}/${BOOK}`);
    expect(await prune()).toBe(0);
    expect(await left()).toContain(`${BASELINE}/${BOOK}`);
  });

  it('are told from all that is not ours: other names, other folders, folders inside', async () => {
    const others = [
      `${RUN}/notes.txt`,
      `${RUN}/${BOOK}/inside`,
      `run-me/${BOOK}`,
      `deep/${RUN}/${BOOK}`,
      BOOK,
      'owner.json',
      `${RUN}x/${BOOK}`,
    ];
    for (const name of others) await leave(name);
    expect(await prune()).toBe(0);
    expect(await left()).toEqual(expect.arrayContaining(others));
  });

  it('are never reached through a link, nor is a link itself one', async () => {
    const elsewhere = join(root, 'elsewhere');
    await mkdir(elsewhere);
    await writeFile(join(elsewhere, BOOK), 'precious\n');
    await utimes(join(elsewhere, BOOK), new Date(NOW - OLD), new Date(NOW - OLD));
    await symlink(elsewhere, join(folder, RUN));
    await mkdir(join(folder, OTHER));
    await symlink(join(elsewhere, BOOK), join(folder, OTHER, BOOK));
    await lutimes(join(folder, OTHER, BOOK), new Date(NOW - OLD), new Date(NOW - OLD));
    expect(await prune()).toBe(0);
    expect((await lstat(join(elsewhere, BOOK))).isFile()).toBe(true);
    expect((await lstat(join(folder, OTHER, BOOK))).isSymbolicLink()).toBe(true);
  });

  it('that can’t be looked for are no trouble', async () => {
    await rm(folder, { recursive: true });
    expect(await prune()).toBe(0);
  });
});
