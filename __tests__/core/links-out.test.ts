import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settingsSource } from '../../src/action/settings/source.js';
import { candidateInCheckout } from '../../src/config/candidate-file.js';
import { readUtf8File } from '../../src/core/files.js';
import { silentLogger } from '../../src/core/log.js';
import { ledAstray } from '../../src/core/workspace.js';
import { findFiles } from '../../src/models/embedded/model-files.js';

/** What may lie on the runner where a proposed link leads. */
const OUTSIDE = ['file', 'missing', 'folder', 'unreadable', 'closed/file', 'closed/missing', 'large', 'link', 'circle'];
const GIVEN = { ...process.env };
let top: string;
let workspace: string;
let outside: string;
beforeEach(async () => {
  top = await mkdtemp(join(tmpdir(), 'links-out-'));
  [workspace, outside] = [join(top, 'workspace'), join(top, 'outside')];
  for (const folder of [workspace, outside, join(outside, 'folder'), join(outside, 'closed')]) await mkdir(folder);
  for (const name of ['file', 'unreadable', 'closed/file']) await writeFile(join(outside, name), 'adapter: secret\n');
  await writeFile(join(outside, 'large'), ' '.repeat(100_000));
  await symlink(join(outside, 'file'), join(outside, 'link'));
  await symlink(join(outside, 'circle'), join(outside, 'circle'));
  for (const name of ['unreadable', 'closed']) await chmod(join(outside, name), 0);
  Object.assign(process.env, { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: workspace });
});
afterEach(async () => {
  for (const name of ['GITHUB_ACTIONS', 'GITHUB_WORKSPACE']) {
    if (GIVEN[name] === undefined) delete process.env[name];
    else process.env[name] = GIVEN[name];
  }
  await chmod(join(outside, 'closed'), 0o700);
  await rm(top, { recursive: true, force: true });
});

/** Everything that a run reads whose path leads through what a pull request proposes. */
const READERS: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
  'a candidate file': (path) => candidateInCheckout({ path, pointer: '/adapter' }, workspace),
  'a recording or battery': (path) => readUtf8File(join(workspace, path)),
  'an embedded model': (path) =>
    findFiles(
      { kind: 'gguf', path: join(workspace, path), lora: null },
      ...(['candidate', null, { log: silentLogger, environment: process.env }] as const),
    ),
};

/** What is said of a path, with nothing in it that hangs on the path itself. */
async function said(read: (path: string) => Promise<unknown>, path: string): Promise<unknown> {
  return read(path).then(
    () => 'read',
    ({ code, message }: { code: string; message: string }) => `${code} ${message.replaceAll(path, 'PATH')}`,
  );
}

describe.each(Object.entries(READERS))('%s that is a link out of the checkout', (_, read) => {
  it.each([
    ['by a link of its own', (name: string) => symlink(join(outside, name), join(workspace, 'proposed')), 'proposed'],
    [
      'by a relative link',
      (name: string) => symlink(join('../outside', name), join(workspace, 'proposed')),
      'proposed',
    ],
    [
      'past a link that leads up',
      async (name: string) => {
        await mkdir(join(workspace, 'deep/er'), { recursive: true });
        await symlink(workspace, join(workspace, 'deep/er/up'));
        // Written out: join would have taken "up/.." away.
        await symlink(`deep/er/up/../outside/${name}`, join(workspace, 'proposed'));
      },
      'proposed',
    ],
  ] as const)('tells nothing of what lies there: %s', async (_, link, path) => {
    const answers = new Set<unknown>();
    for (const name of OUTSIDE) {
      await link(name);
      answers.add(await said(read, path));
      await rm(join(workspace, path));
      await rm(join(workspace, 'deep'), { recursive: true, force: true });
    }
    expect([...answers]).toEqual([expect.stringMatching(/^config\.(candidate|path) .*PATH.*links.*not followed/)]);
  });

  it('tells nothing of what lies behind a folder that is one', async () => {
    await symlink(outside, join(workspace, 'models'));
    const answers = new Set<unknown>();
    for (const name of OUTSIDE) answers.add(await said(read, `models/${name}`));
    expect([...answers]).toEqual([expect.stringMatching(/^config\.(candidate|path) .*PATH.*links.*not followed/)]);
  });
});

it('settings that a pull request adds as a link out of the checkout tell nothing of what lies there', async () => {
  const nothing = { branchTip: async () => ({ sha: '', repository: '' }), readText: async () => null };
  const asked = {
    ...{ event: { inCheckout: false, defaultBranch: 'main' }, repository: 'team/models', ref: '', workspace },
    ...{ path: 'gate.yml', pathGiven: false, from: 'default-branch', reader: async () => nothing },
  } as unknown as Parameters<typeof settingsSource>[0];
  for (const name of OUTSIDE) {
    await symlink(join(outside, name), join(workspace, 'gate.yml'));
    const noted = (await settingsSource(asked)).notes;
    expect(noted).toEqual([expect.stringMatching(/even though the pull request adds one/)]);
    const read = settingsSource({ ...asked, from: 'workspace' });
    await expect(read).rejects.toMatchObject({ code: 'config.path', message: expect.stringContaining('not followed') });
    await rm(join(workspace, 'gate.yml'));
  }
});

describe('a candidate file in the checkout', () => {
  it('that cannot be read is refused in one way, whatever keeps it', async () => {
    await mkdir(join(workspace, 'folder'));
    await writeFile(join(workspace, 'plain'), '');
    await symlink('nowhere', join(workspace, 'dangling'));
    const read = READERS['a candidate file'] ?? readUtf8File;
    const answers = new Set<unknown>();
    for (const path of ['missing', 'folder', 'plain/under', 'dangling', 'n'.repeat(300)])
      answers.add(await said(read, path));
    expect([...answers]).toEqual([expect.stringMatching(/file:PATH: no such file in the checkout that can be read/)]);
  });

  it('is read through a link that stays within it', async () => {
    await mkdir(join(workspace, 'models'));
    await writeFile(join(workspace, 'models/v2.yaml'), 'adapter: tuned\n');
    await symlink('models', join(workspace, 'current'));
    await symlink('../models/v2.yaml', join(workspace, 'models/latest.yaml'));
    const found = await candidateInCheckout({ path: 'current/latest.yaml', pointer: '/adapter' }, workspace);
    expect(found.reference).toBe('tuned');
  });
});

describe('a link out of the folder one works in', () => {
  it('is followed on one’s own machine: nobody else proposed it', async () => {
    delete process.env.GITHUB_ACTIONS;
    await symlink(join(outside, 'file'), join(workspace, 'mine'));
    expect(await readUtf8File(join(workspace, 'mine'))).toBe('adapter: secret\n');
  });

  it('is no matter for what is named where it lies', async () => {
    await symlink(join(outside, 'file'), join(outside, 'named'));
    expect(await readUtf8File(join(outside, 'named'))).toBe('adapter: secret\n');
    expect(await ledAstray(join(outside, 'named'))).toBeNull();
  });
});
