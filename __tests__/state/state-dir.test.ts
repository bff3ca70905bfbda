import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isTracked } from '../../src/state/state-dir.js';

const run = promisify(execFile);

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tracked-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function git(...words: string[]): Promise<void> {
  await run('git', words, { cwd: folder });
}

describe('a state directory', () => {
  it('is tracked when a file in it came with the checkout', async () => {
    await git('init', '--quiet');
    await mkdir(join(folder, 'state/run'), { recursive: true });
    await writeFile(join(folder, 'state/run/a.jsonl'), 'forged\n');
    expect(await isTracked(join(folder, 'state'))).toBe(false);
    await git('add', 'state/run/a.jsonl');
    expect(await isTracked(join(folder, 'state'))).toBe(true);
    expect(await isTracked(join(folder, 'other'))).toBe(false);
  });

  it('is tracked when it is a link that came with the checkout', async () => {
    await git('init', '--quiet');
    await symlink('/tmp', join(folder, 'state'));
    await git('add', 'state');
    expect(await isTracked(join(folder, 'state'))).toBe(true);
  });

  it('is not tracked where there is no repository', async () => {
    expect(await isTracked(join(folder, 'state'))).toBe(false);
  });
});
