import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ledAstray } from '../../src/core/workspace.js';
import { openAnswersFile, writeBesideReport, writeReportFiles } from '../../src/output/report-dir.js';
import { report } from '../action/in-process.js';

let top: string;
let workspace: string;
let outside: string;
const saved = process.env.GITHUB_WORKSPACE;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'report-files-'));
  workspace = join(top, 'workspace');
  outside = join(top, 'outside');
  await mkdir(workspace);
  await mkdir(outside);
  process.env.GITHUB_WORKSPACE = workspace;
});
afterEach(async () => {
  if (saved === undefined) delete process.env.GITHUB_WORKSPACE;
  else process.env.GITHUB_WORKSPACE = saved;
  await rm(top, { recursive: true, force: true });
});

const refusal = { code: 'config.report-dir', exitCode: 3 };

describe('files of a report', () => {
  it.each([
    ['the folder itself', 'report', 'report'],
    ['a folder above it', 'build', 'build/deep/report'],
  ])('go nowhere else by a link in the checkout: %s', async (_, link, folder) => {
    await symlink(outside, join(workspace, link));
    const path = join(workspace, folder);
    const message = expect.stringMatching(/report-dir: .*outside the workspace, by a symbolic link in the checkout/);
    await expect(writeReportFiles(path, report())).rejects.toMatchObject({ ...refusal, message });
    await expect(openAnswersFile(path, [])).rejects.toMatchObject(refusal);
    await expect(writeBesideReport(path, 'sealed-report.json', '')).rejects.toMatchObject(refusal);
    expect(await readdir(outside)).toEqual([]);
  });

  it('take the place of links, and do not follow them', async () => {
    const folder = join(workspace, 'report');
    await mkdir(folder);
    for (const name of ['report.json', 'report.md', 'answers.jsonl', 'report.json.part', 'sealed-report.json']) {
      await writeFile(join(outside, name), 'theirs');
      await symlink(join(outside, name), join(folder, name));
    }
    await writeReportFiles(folder, report());
    await (await openAnswersFile(folder, [])).append([]);
    await writeBesideReport(folder, 'sealed-report.json', 'ours');
    for (const name of await readdir(outside)) expect(await readFile(join(outside, name), 'utf8')).toBe('theirs');
    expect(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8'))).toMatchObject({ verdict: 'pass' });
  });

  it('go where the user says, and through links within the workspace or beyond it', async () => {
    await mkdir(join(workspace, 'real'));
    await symlink(join(workspace, 'real'), join(workspace, 'link'));
    await symlink(outside, join(top, 'mount'));
    for (const folder of [join(workspace, 'link'), join(outside, 'named'), join(top, 'mount', 'named')]) {
      await writeReportFiles(folder, report());
    }
    expect(await readdir(join(workspace, 'real'))).toEqual(['report.json', 'report.md']);
    expect(await readdir(outside)).toEqual(['named']);
  });

  it('are at home in a workspace that is itself reached by a link, as /tmp is on macOS', async () => {
    await symlink(workspace, join(top, 'short'));
    expect(await ledAstray(join(top, 'short', 'report'), join(top, 'short'))).toBeNull();
    expect(await ledAstray('report', join(top, 'short'))).toBeNull();
    expect(await ledAstray(join(workspace, 'report'), join(top, 'short'))).toBeNull();
  });

  it.each([
    ['a file in the way', 'file', /a file stands in the way \(EEXIST\)/],
    ['a path through a file', 'file/deep/report', /a part of the path is a file, not a folder \(ENOTDIR\)/],
    ['links in a circle', 'circle/report', /symbolic link|EEXIST/],
    ['a name that is too long', 'n'.repeat(300), /the name is too long \(ENAMETOOLONG\)/],
  ])('can’t be written: %s', async (_, name, why) => {
    await writeFile(join(workspace, 'file'), '');
    await symlink(join(workspace, 'circle'), join(workspace, 'circle'));
    const folder = join(workspace, name);
    const message = expect.stringMatching(why);
    await expect(writeReportFiles(folder, report())).rejects.toMatchObject({ ...refusal, message });
  });

  (process.platform === 'linux' ? it : it.skip)(
    'can’t be written: a file system without room for folders',
    async () => {
      const written = writeReportFiles('/proc/no-such-process/report', report());
      await expect(written).rejects.toMatchObject({
        ...refusal,
        message: expect.stringContaining('Name a folder that can'),
      });
    },
  );
});
