import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { EmulatorOptions, GithubEmulator } from '../e2e/support/github-emulator.js';
import type { Ran } from './in-process.js';
import { pullRequestPayload, type Runner, TIP } from './runner.js';
import { CONFIG, play, SERVER, type Setup } from './scene.js';

// Octokit's own pace: a second between writes, and pauses before it tries again.
jest.setTimeout(60_000);

let github: GithubEmulator;
let runner: Runner;

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

async function gate(setup: Setup): Promise<Ran> {
  const scene = await play({ payload: pullRequestPayload({ action: 'opened' }), ...setup });
  ({ github, runner } = scene);
  return scene.ran;
}

const SETTINGS = 'fail-on: fail\n';
const CONTENTS = 'GET /repos/{owner}/{repo}/contents/{path}';

describe('a settings file', () => {
  it('in the pull request only: defaults and inputs hold, and the report says so', async () => {
    const { settings, ports } = await gate({ head: { [CONFIG]: SETTINGS }, workspace: { [CONFIG]: SETTINGS } });
    expect(settings?.failOn).toBe('inconclusive');
    expect(ports?.notes.join()).toMatch(/no settings file .* on the default branch main.*even though the pull request/);
  });

  it('on the default branch only: it holds, without a checkout', async () => {
    expect((await gate({ tip: { [CONFIG]: SETTINGS } })).settings?.failOn).toBe('fail');
  });

  it('over 1 MB: it is read all the same', async () => {
    const tip = { [CONFIG]: `${SETTINGS}# ${'x'.repeat(1_100_000)}\n` };
    expect((await gate({ tip })).settings?.failOn).toBe('fail');
    expect(github.requests.some((request) => request.includes('/git/blobs/'))).toBe(true);
  });

  it.each([
    ['a Git LFS pointer', { tip: { [CONFIG]: 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n' } }, /LFS/],
    ['no text', { tip: { [CONFIG]: Buffer.from([0xff, 0xfe, 0x00]) as unknown as string } }, /UTF-8/],
    ['not to be read', { github: { denied: [CONTENTS] } }, /403.*`permissions: contents: read`/],
  ])('that is %s: an error that says how to mend it, and no verdict', async (_, setup, mend) => {
    const { exitCode, settings, log } = await gate(setup);
    expect([exitCode, settings]).toEqual([3, null]);
    expect(log).toMatch(new RegExp(`::error.*${mend.source}`));
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });
});

describe('the verdict stands, and what is lost is named with its mend,', () => {
  const everything = [
    ...['GET', 'POST'].map((method) => `${method} /repos/{owner}/{repo}/issues/{issue_number}/comments`),
    'POST /repos/{owner}/{repo}/check-runs',
    'GET /repos/{owner}/{repo}/pulls/{pull_number}',
  ];

  it('with a token that may only read contents', async () => {
    const inputs = { ...SERVER, 'check-name': 'Gate' };
    const payload = pullRequestPayload({ action: 'labeled', labels: ['misalignment-gate-override'] });
    const { exitCode, log } = await gate({ verdict: 'fail', inputs, payload, github: { denied: everything } });
    expect([exitCode, (await runner.outputs()).verdict]).toEqual([1, 'fail']);
    expect(log).toMatch(/::warning.*comment on the pull request.*`pull-requests: write`/);
    expect(log).toMatch(/::warning.*check run.*`checks: write`/);
    expect(log).toMatch(/label .* does not override this verdict: it can't be checked.*`actions: read`/);
  });

  it('with a token that may read nothing: no settings means no verdict, never defaults', async () => {
    const branch = 'GET /repos/{owner}/{repo}/branches/{branch}';
    const { exitCode, settings, log } = await gate({ github: { denied: [branch, CONTENTS, ...everything] } });
    expect([exitCode, settings]).toEqual([3, null]);
    expect(log).toMatch(/::error.*`permissions: contents: read`/);
  });

  it.each([404, 410])('with a pull request that is gone (%d)', async (status) => {
    const body = { message: 'Gone', documentation_url: 'https://docs.github.com/rest', status: String(status) };
    const fault: EmulatorOptions['fault'] = ({ path }) => (path.includes('/issues/7/') ? { status, body } : null);
    const { exitCode, log } = await gate({ verdict: 'fail', github: { fault, pulls: [] } });
    expect([exitCode, (await runner.outputs())['comment-url']]).toEqual([1, '']);
    expect(log).toMatch(/::warning.*verdict stands.*pull request is gone/);
  });

  it('with GitHub in trouble once settings were read', async () => {
    const body = { message: 'Bad gateway' };
    const fault: EmulatorOptions['fault'] = ({ path }) => (path.includes('/comments') ? { status: 502, body } : null);
    const { exitCode, log } = await gate({ verdict: 'fail', github: { fault } });
    expect(exitCode).toBe(1);
    expect(log).toMatch(/::warning.*502/);
  });
});

describe('a commit that the settings are read at', () => {
  it('is the default branch’s tip, whatever branch the pull request targets', async () => {
    await gate({
      payload: pullRequestPayload({ action: 'edited', baseSha: 'e'.repeat(40) }),
      tip: { [CONFIG]: SETTINGS },
    });
    const asked = github.requests.filter((request) => request.includes('/contents/'));
    expect(asked.every((request) => request.endsWith(`ref=${TIP}`))).toBe(true);
  });
});
