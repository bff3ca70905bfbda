import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { makeFolder } from '../../src/core/folders.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folder-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('makes what is missing, also for several at once, and leaves what is there', async () => {
  const deep = join(folder, 'a', 'b', 'c');
  await Promise.all([makeFolder(deep), makeFolder(join(folder, 'a', 'b')), makeFolder(deep)]);
  await writeFile(join(deep, 'kept'), '');
  await makeFolder(deep);
  expect((await stat(join(deep, 'kept'))).isFile()).toBe(true);
  await makeFolder('/');
});

it('gives its mode to all that it makes', async () => {
  await makeFolder(join(folder, 'a', 'b'), 0o700);
  for (const made of ['a', 'a/b']) expect((await stat(join(folder, made))).mode & 0o777).toBe(0o700);
});

it('refuses a path through a file', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolder(join(folder, 'file', 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
});

(process.platform === 'linux' ? it : it.skip)(
  'comes back from a file system that has no room for folders',
  async () => {
    await expect(makeFolder('/proc/no-such-process/report')).rejects.toMatchObject({ code: 'ENOENT' });
  },
);
