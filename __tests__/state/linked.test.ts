import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/log.js';
import { ChainedFile } from '../../src/state/chained-file.js';
import { stateKeyFrom } from '../../src/state/hmac-chain.js';
import { StateFolder } from '../../src/state/state-dir.js';

let top: string;
const saved = process.env.GITHUB_WORKSPACE;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'state-linked-'));
  for (const name of ['workspace', 'outside']) await mkdir(join(top, name));
  process.env.GITHUB_WORKSPACE = join(top, 'workspace');
});
afterEach(async () => {
  if (saved === undefined) delete process.env.GITHUB_WORKSPACE;
  else process.env.GITHUB_WORKSPACE = saved;
  await rm(top, { recursive: true, force: true });
});

const open = (folder: string) => {
  const subjects = { run: { candidate: 'tuned' }, baseline: { baseline: 'base' } };
  return StateFolder.open(
    { folder, secret: 'a key that nobody knows', subjects, costsOf: null },
    { clock: systemClock },
  );
};

describe('links that came with the checkout', () => {
  it.each([
    ['as the state directory', '.state', '.state'],
    ['above it', 'build', 'build/.state'],
  ])('lead no state out of the workspace: %s', async (_, link, folder) => {
    await symlink(join(top, 'outside'), join(top, 'workspace', link));
    const opened = await open(join(top, 'workspace', folder));
    expect(opened).toEqual({ why: expect.stringMatching(/outside the workspace, by a symbolic link in the checkout/) });
    expect(await readdir(join(top, 'outside'))).toEqual([]);
  });

  it('lead no journal elsewhere', async () => {
    const target = join(top, 'outside', 'theirs');
    await writeFile(target, '');
    await symlink(target, join(top, 'workspace', 'book.jsonl'));
    const opened = ChainedFile.open(join(top, 'workspace', 'book.jsonl'), stateKeyFrom('a key'), () => {});
    await expect(opened).rejects.toMatchObject({ code: 'ELOOP' });
    expect(await readFile(target, 'utf8')).toBe('');
  });
});

it('a state directory that the user names elsewhere is used', async () => {
  const opened = await open(join(top, 'outside', 'state'));
  if ('why' in opened) throw new Error(opened.why);
  await opened.close(0);
});
