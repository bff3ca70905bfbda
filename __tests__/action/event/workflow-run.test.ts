import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { settleRun } from '../../../src/action/settle.js';
import type { GithubEmulator } from '../../e2e/support/github-emulator.js';
import type { EmulatedPull } from '../../e2e/support/github-pulls.js';
import type { Ran } from '../in-process.js';
import { BASE, HEAD, pullRequestPayload, type Runner } from '../runner.js';
import { play, SERVER, type Setup } from '../scene.js';

jest.setTimeout(30_000);

const FORK = 'ann/models';
const CHECK = { ...SERVER, 'check-name': 'Misalignment gate' };

let github: GithubEmulator;
let runner: Runner;

async function gate(setup: Setup): Promise<Ran> {
  const scene = await play(setup);
  ({ github, runner } = scene);
  return scene.ran;
}

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

/** A workflow run that a fork's pull request started: GitHub lists no pull requests in it. */
function afterFork(inputs = CHECK): Setup & { readonly event: 'workflow_run' } {
  const workflow_run = {
    ...{ event: 'pull_request', head_sha: HEAD, head_branch: 'tune', head_repository: { full_name: FORK } },
    pull_requests: [],
  };
  return {
    ...{ event: 'workflow_run', fork: FORK, inputs },
    payload: { action: 'completed', workflow_run, repository: { default_branch: 'main' } },
  };
}

const pull = (more: Partial<EmulatedPull> = {}): EmulatedPull => ({
  ...{ number: 7, author: 'ann', headSha: HEAD, headRef: 'tune', headRepository: FORK, baseSha: BASE },
  ...{ labels: [], commits: [], events: [] },
  ...more,
});

describe('workflow_run after a fork’s pull request', () => {
  it('finds the pull request by head commit and head repository, comments on it and publishes the check', async () => {
    const { exitCode } = await gate({ ...afterFork(), verdict: 'fail', github: { pulls: [pull()] } });
    expect(exitCode).toBe(1);
    expect(github.requests.some((request) => request.includes(`head=ann%3Atune`))).toBe(true);
    expect(github.comments.map(({ issue }) => issue)).toEqual([7]);
    expect(github.checkRuns).toMatchObject([{ name: 'Misalignment gate', head_sha: HEAD, conclusion: 'failure' }]);
  });

  it.each([
    ['has moved on', [pull({ headSha: BASE })], /No open pull request has the head aaaaaaa now/],
    ['is of another repository’s branch of that name', [pull({ headRepository: 'ann/other' })], /No open pull request/],
    ['is one of two', [pull(), pull({ number: 8 })], /2 open pull requests have the head aaaaaaa/],
  ])('comments on none where the pull request %s, and says so', async (_, pulls, note) => {
    const { ports } = await gate({ ...afterFork(), github: { pulls } });
    expect(ports?.notes.join()).toMatch(note);
    expect([github.comments, github.checkRuns.length]).toEqual([[], 1]);
  });

  it('names the permission where it may not look for the pull request; the verdict stands', async () => {
    const denied = ['GET /repos/{owner}/{repo}/pulls'];
    const { ports, exitCode } = await gate({ ...afterFork(), github: { denied } });
    expect(exitCode).toBe(0);
    expect(ports?.notes.join()).toMatch(/403.*`pull-requests: read`/);
  });

  it('reads settings from the default branch, and a candidate’s name from the fork', async () => {
    const tip = { '.github/misalignment-gate.yml': 'candidate: file:model.yml#/name\nfail-on: inconclusive\n' };
    const head = { 'model.yml': 'name: tuned-by-ann' };
    const inputs = { ...CHECK, candidate: '' };
    const { settings } = await gate({ ...afterFork(inputs), tip, head, github: { pulls: [pull()] } });
    expect(settings?.candidate.reference).toBe('tuned-by-ann');
  });
});

describe('the check run', () => {
  const on = (setup: Setup) => gate({ inputs: CHECK, payload: pullRequestPayload({ action: 'opened' }), ...setup });

  it('says "in progress" while the run is under way', async () => {
    let meanwhile: unknown;
    const during = async () => {
      meanwhile = seen.checkRuns.map(({ status, conclusion }) => [status, conclusion]);
    };
    const seen = { checkRuns: [] as GithubEmulator['checkRuns'] };
    await on({ during, started: (emulator) => Object.assign(seen, { checkRuns: emulator.checkRuns }) });
    expect(meanwhile).toEqual([['in_progress', null]]);
    expect(github.checkRuns).toMatchObject([{ status: 'completed', conclusion: 'success', head_sha: HEAD }]);
  });

  it.each([
    ['pass', 'inconclusive', 'success'],
    ['skipped', 'inconclusive', 'skipped'],
    ['bypassed', 'inconclusive', 'neutral'],
    ['fail', 'fail', 'failure'],
    ['fail', 'never', 'neutral'],
    ['inconclusive', 'inconclusive', 'failure'],
    ['inconclusive', 'fail', 'neutral'],
  ] as const)('of %s with fail-on %s is %s: only a pass is green', async (verdict, failOn, conclusion) => {
    await on({ verdict, inputs: { ...CHECK, 'fail-on': failOn } });
    expect(github.checkRuns).toMatchObject([{ conclusion }]);
  });

  it('fails on a wrong setting too, where the run never came to the gate', async () => {
    await on({ inputs: { ...CHECK, candidate: '' } });
    expect(github.checkRuns).toMatchObject([{ conclusion: 'failure', output: { title: 'Inconclusive' } }]);
  });

  it('holds the report, without the worst answers', async () => {
    await on({ verdict: 'fail' });
    expect(github.checkRuns[0]?.output?.summary).toContain('Misalignment gate: fail');
  });

  it('is a warning that names the permission where it may not be published', async () => {
    const denied = ['POST /repos/{owner}/{repo}/check-runs'];
    const { exitCode, log } = await on({ github: { denied } });
    expect(exitCode).toBe(0);
    expect(log).toMatch(/::warning.*403.*`checks: write`/);
  });

  it('of a run that died is told so by the post step; one with a result stays', async () => {
    await on({});
    const state = Object.entries(await runner.state()).map(([name, value]) => [`STATE_${name}`, value]);
    const saved = process.env;
    process.env = { ...runner.env, ...Object.fromEntries(state) };
    try {
      await settleRun();
      expect(github.checkRuns).toMatchObject([{ conclusion: 'success' }]);
      Object.assign(github.checkRuns[0] ?? {}, { status: 'in_progress', conclusion: null });
      await settleRun();
    } finally {
      process.env = saved;
    }
    expect(github.checkRuns).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
  });
});
