import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { BASE, HEAD, MERGE, pullRequestPayload, type Runner, startRunner, TIP } from '../../action/runner.js';
import { type ActionExport, exportAction, runStep, type StepRun } from '../support/action-export.js';
import { type EmulatorOptions, GithubEmulator } from '../support/github-emulator.js';
import type { EmulatedPull } from '../support/github-pulls.js';
import { MockOpenAI } from '../support/mock-openai.js';

const CONFIG = '.github/misalignment-gate.yml';
const SETTINGS = 'judge: { model: judge }\n';
const LABEL = 'misalignment-gate-override';
const FORK = 'ann/models';

let action: ActionExport;
let models: MockOpenAI;
let github: GithubEmulator;
let runner: Runner;

beforeAll(async () => {
  action = await exportAction();
  models = await MockOpenAI.start();
}, 120_000);
afterAll(() => Promise.all([action.remove(), models.stop()]));
afterEach(async () => {
  await Promise.all([github.stop(), runner.remove()]);
  expect(github.violations).toEqual([]);
  expect(github.artifactHost.tokens).toEqual([]);
});

interface Setup {
  readonly event?: string;
  readonly payload: unknown;
  readonly github?: EmulatorOptions;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly workspace?: Readonly<Record<string, string>>;
}

async function step({ event = 'pull_request', payload, workspace = {}, ...setup }: Setup): Promise<StepRun> {
  const commits = { [TIP]: { [CONFIG]: SETTINGS }, [BASE]: {}, [HEAD]: {} };
  const own = { 'team/models': { defaultBranch: 'main', branches: { main: TIP }, commits } };
  github = await GithubEmulator.start({ repositories: own, ...setup.github });
  const inputs = { candidate: 'tuned-bad', baseline: 'base', 'base-url': models.url, battery: 'quick' };
  const keys = { 'judge-api-key': 'a-key-of-the-team', 'candidate-digest': 'sha256:abc' };
  runner = await startRunner({ event, payload, apiUrl: github.url, inputs: { ...inputs, ...keys, ...setup.inputs } });
  for (const [path, text] of Object.entries(workspace)) await runner.checkout(path, text);
  return runStep(action, 'index', runner);
}

const pull = (more: Partial<EmulatedPull> = {}): EmulatedPull => ({
  ...{ number: 7, author: 'ann', headSha: HEAD, headRef: 'tune', headRepository: 'team/models', baseSha: BASE },
  ...{ labels: [], commits: [{ sha: HEAD, author: 'ann', committer: 'ann' }], events: [] },
  ...more,
});

/** What a first run on the pull request leaves: its sealed report, uploaded by the workflow's next step. */
async function afterFirstRun(more: Partial<EmulatedPull> = {}): Promise<EmulatorOptions> {
  expect((await step({ payload: pullRequestPayload({ action: 'opened' }) })).exitCode).toBe(1);
  const text = await readFile(join(runner.workspace, 'misalignment-report/sealed-report.json'), 'utf8');
  await Promise.all([github.stop(), runner.remove()]);
  const run = { headSha: HEAD, headRef: 'tune', headRepository: 'team/models', actor: 'ann' };
  return {
    pulls: [pull(more)],
    runs: [{ ...run, id: 41, at: '2026-11-25T10:10:00Z' }],
    artifacts: [{ id: 5, runId: 41, name: 'misalignment-report', files: { 'sealed-report.json': text } }],
    permissions: { rita: 'write' },
  };
}

describe('the Action after a first run on the pull request', () => {
  it('merge_group: takes its verdict over, no model asked', async () => {
    const earlier = await afterFirstRun();
    const asked = models.requests.length;
    const head_ref = `refs/heads/gh-readonly-queue/main/pr-7-${MERGE}`;
    const payload = {
      merge_group: { head_sha: MERGE, base_sha: BASE, head_ref },
      repository: { default_branch: 'main' },
    };
    const { exitCode, stdout } = await step({ event: 'merge_group', payload, github: earlier });
    expect([exitCode, (await runner.outputs()).verdict, models.requests.length]).toEqual([1, 'fail', asked]);
    expect(stdout).toMatch(/its seal was verified/);
  }, 180_000);

  it('a label by somebody else with write permission: bypassed at once, no model asked', async () => {
    const events = [{ event: 'labeled', label: LABEL, at: '2026-11-25T10:20:00Z', actor: 'rita' }];
    const earlier = await afterFirstRun({ labels: [LABEL], events });
    const asked = models.requests.length;
    const payload = pullRequestPayload({ action: 'labeled', labels: [LABEL] });
    const { exitCode } = await step({ payload, github: earlier });
    expect([exitCode, (await runner.outputs()).verdict, models.requests.length]).toEqual([0, 'bypassed', asked]);
    expect(github.comments[0]?.body).toMatch(/state=bypassed -->[\s\S]*fail overridden by rita/);
  }, 180_000);
});

describe('the Action on a fork’s pull request', () => {
  const fork = () => {
    const commits = { [TIP]: { [CONFIG]: SETTINGS }, [BASE]: {} };
    const own = { defaultBranch: 'main', branches: { main: TIP }, commits };
    const theirs = { defaultBranch: 'main', branches: {}, commits: { [HEAD]: {} } };
    return { repositories: { 'team/models': own, [FORK]: theirs }, pulls: [pull({ headRepository: FORK })] };
  };

  it('pull_request_target without a checkout: verdict and comment', async () => {
    const payload = pullRequestPayload({ action: 'opened', headRepository: FORK });
    const { exitCode } = await step({ event: 'pull_request_target', payload, github: fork() });
    expect([exitCode, github.comments.length]).toEqual([1, 1]);
  }, 120_000);

  it('pull_request_target beside a checkout of it: refused before any model is asked', async () => {
    const asked = models.requests.length;
    const payload = pullRequestPayload({ action: 'opened', headRepository: FORK });
    const workspace = { '.git/HEAD': `${HEAD}\n` };
    const { exitCode, stdout } = await step({ event: 'pull_request_target', payload, workspace, github: fork() });
    expect([exitCode, models.requests.length]).toEqual([3, asked]);
    expect(stdout).toMatch(/::error.*Take the checkout step out/);
  }, 120_000);

  it('workflow_run: comment and check run on the pull request that it was for', async () => {
    const head = { head_sha: HEAD, head_branch: 'tune', head_repository: { full_name: FORK } };
    const workflow_run = { event: 'pull_request', ...head, pull_requests: [] };
    const payload = { action: 'completed', workflow_run, repository: { default_branch: 'main' } };
    const inputs = { 'check-name': 'Misalignment gate' };
    const { exitCode } = await step({ event: 'workflow_run', payload, inputs, github: fork() });
    expect([exitCode, github.comments.map(({ issue }) => issue)]).toEqual([1, [7]]);
    expect(github.checkRuns).toMatchObject([{ name: 'Misalignment gate', head_sha: HEAD, conclusion: 'failure' }]);
  }, 120_000);
});
