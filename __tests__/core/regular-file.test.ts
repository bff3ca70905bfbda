import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settingsOf } from '../../src/cli/commands/run-command.js';
import { readUtf8File, sharedSha256 } from '../../src/core/files.js';
import { readRegularFile } from '../../src/core/regular-file.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'regular-file-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const onUnix = process.platform === 'win32' ? it.skip : it;

function pipe(): string {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

describe('what may never end is not read', () => {
  onUnix.each([
    ['as it is', readRegularFile],
    ['as a recording or a battery', readUtf8File],
    ['as a GGUF file', sharedSha256],
  ])('a pipe that nobody writes to, %s', async (_, read) => {
    await expect(read(pipe())).rejects.toThrow(/is a pipe, and only a regular file is read/);
  });

  onUnix('a pipe as settings file', async () => {
    const config = pipe();
    const terminal = { environment: {} } as Parameters<typeof settingsOf>[1];
    await expect(settingsOf({ config }, terminal)).rejects.toMatchObject({ exitCode: 3 });
  });

  onUnix('a device', async () => {
    await expect(readRegularFile('/dev/zero')).rejects.toThrow(/is a device/);
  });
});

describe('what is read', () => {
  it('is a file', async () => {
    await writeFile(join(folder, 'a.txt'), 'text');
    expect(String(await readRegularFile(join(folder, 'a.txt')))).toBe('text');
  });

  it('is no folder: the file system says so in its own words', async () => {
    await expect(readRegularFile(folder)).rejects.toMatchObject({ code: 'EISDIR' });
  });
});
