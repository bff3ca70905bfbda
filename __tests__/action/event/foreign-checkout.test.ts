import { afterEach, describe, expect, it } from '@jest/globals';
import type { GithubEmulator } from '../../e2e/support/github-emulator.js';
import type { Ran } from '../in-process.js';
import { BASE, HEAD, MERGE, pullRequestPayload, type Runner, TIP } from '../runner.js';
import { play, type Setup } from '../scene.js';

let github: GithubEmulator;
let runner: Runner;

afterEach(async () => {
  await github.stop();
  await runner.remove();
});

async function gate(workspace: Record<string, string>, setup: Setup = {}): Promise<Ran> {
  const opened = pullRequestPayload({ action: 'opened', headRepository: 'ann/models' });
  const pull_request = { ...opened.pull_request, merge_commit_sha: MERGE };
  const payload = { ...opened, pull_request };
  const scene = await play({ event: 'pull_request_target', fork: 'ann/models', payload, workspace, ...setup });
  ({ github, runner } = scene);
  return scene.ran;
}

const FOREIGN: readonly (readonly [string, Record<string, string>])[] = [
  ['its head commit', { '.git/HEAD': `${HEAD}\n` }],
  ['its merge commit', { '.git/HEAD': MERGE }],
  ['its branch', { '.git/HEAD': 'ref: refs/heads/tune\n', '.git/refs/heads/tune': `${HEAD}\n` }],
  ['its branch, packed', { '.git/HEAD': 'ref: refs/heads/tune', '.git/packed-refs': `${HEAD} refs/heads/tune\n` }],
  ['a ref of refs/pull', { '.git/HEAD': TIP, '.git/refs/remotes/pull/7/merge': TIP }],
  ['a fetch of refs/pull', { '.git/HEAD': TIP, '.git/FETCH_HEAD': `${TIP}\t\t'refs/pull/7/head' of github.com` }],
  ['its head commit, in a folder', { 'proposed/models/.git/HEAD': HEAD }],
];

describe('pull_request_target', () => {
  it.each(FOREIGN)('refuses to run beside a checkout of %s, with advice', async (_, workspace) => {
    const { exitCode, settings, log } = await gate(workspace);
    expect([exitCode, settings]).toEqual([3, null]);
    expect(log).toMatch(/::error.*is a checkout of what the pull request proposes.*Take the checkout step out/);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it.each([
    ['no checkout', {}],
    ['a checkout of the base', { '.git/HEAD': BASE }],
    [
      'a full checkout of the default branch, which knows all branches',
      {
        '.git/HEAD': 'ref: refs/heads/main',
        '.git/refs/heads/main': TIP,
        '.git/packed-refs': `${HEAD} refs/remotes/origin/tune\n`,
        '.git/FETCH_HEAD': `${HEAD}\tnot-for-merge\tbranch 'tune' of github.com\n`,
      },
    ],
  ])('runs with %s', async (_, workspace) => {
    expect((await gate(workspace)).exitCode).toBe(0);
  });
});

describe('other events', () => {
  it('workflow_run refuses a checkout of the triggering commit too', async () => {
    const workflow_run = { event: 'pull_request', head_sha: HEAD, head_branch: 'tune', head_repository: null };
    const payload = { workflow_run, repository: { default_branch: 'main' } };
    const { exitCode } = await gate({ '.git/HEAD': HEAD }, { event: 'workflow_run', payload });
    expect(exitCode).toBe(3);
  });

  it('pull_request may check out what it likes: it holds no secrets of a fork’s base', async () => {
    expect((await gate({ '.git/HEAD': HEAD }, { event: 'pull_request' })).exitCode).toBe(0);
  });
});
