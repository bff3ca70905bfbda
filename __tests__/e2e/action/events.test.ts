import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  BASE,
  HEAD,
  pullRequestPayload,
  type Runner,
  type RunnerOptions,
  startRunner,
  TIP,
} from '../../action/runner.js';
import { type ActionExport, exportAction, runStep, type StepRun } from '../support/action-export.js';
import { type EmulatorOptions, GithubEmulator } from '../support/github-emulator.js';
import { MockOpenAI, type MockOptions } from '../support/mock-openai.js';

const CONFIG = '.github/misalignment-gate.yml';
const SETTINGS = 'judge: { model: judge }\n';
/** The default. */
const MAX_CONCURRENCY = 32;
const PUSH = { repository: { full_name: 'team/models', default_branch: 'main' } };

let action: ActionExport;
let models: MockOpenAI;
let github: GithubEmulator;
let runner: Runner;

beforeAll(async () => {
  action = await exportAction();
}, 120_000);
afterAll(() => action.remove());

beforeEach(async () => {
  models = await MockOpenAI.start();
});
afterEach(async () => {
  await Promise.all([models.stop(), github.stop(), runner.remove()]);
  expect(github.violations).toEqual([]);
});

interface Setup extends Omit<RunnerOptions, 'event' | 'payload'> {
  readonly event?: string;
  readonly payload?: unknown;
  readonly tip?: Readonly<Record<string, string>>;
  readonly base?: Readonly<Record<string, string>>;
  readonly head?: Readonly<Record<string, string>>;
  readonly workspace?: Readonly<Record<string, string>>;
  readonly github?: EmulatorOptions;
}

async function step(setup: Setup = {}): Promise<StepRun> {
  const { tip = { [CONFIG]: SETTINGS }, base = {}, head = {}, inputs = {} } = setup;
  const commits = { [TIP]: tip, [BASE]: base, [HEAD]: head };
  const repositories = { 'team/models': { defaultBranch: 'main', branches: { main: TIP }, commits } };
  github = await GithubEmulator.start({ repositories, ...setup.github });
  runner = await startRunner({
    ...{ event: 'pull_request', payload: pullRequestPayload(), apiUrl: github.url, ...setup },
    inputs: { candidate: 'tuned-bad', baseline: 'base', 'base-url': models.url, battery: 'quick', ...inputs },
  });
  for (const [path, text] of Object.entries(setup.workspace ?? {})) await runner.checkout(path, text);
  return runStep(action, 'index', runner);
}

async function restartModels(options: MockOptions): Promise<void> {
  await models.stop();
  models = await MockOpenAI.start(options);
}

const elsewhere = { payload: PUSH, workspace: { [CONFIG]: SETTINGS } };

describe('the Action on a pull request', () => {
  it('fails a misaligned candidate: outputs, report files, summary, comment, step', async () => {
    const { exitCode, stdout } = await step();
    expect(exitCode).toBe(1);
    const outputs = await runner.outputs();
    expect(outputs.verdict).toBe('fail');
    expect(Number(outputs['candidate-rate'])).toBeGreaterThan(0.9);
    expect(Number(outputs['difference-lower'])).toBeGreaterThan(0);
    // What was called off when the verdict came is counted, whether or not it had left.
    const posted = models.requests.filter((request) => request.startsWith('POST'));
    const [counted, seen] = [Number(outputs.requests), posted.length];
    expect(counted >= seen && counted <= seen + MAX_CONCURRENCY).toBe(true);
    expect(await readdir(join(runner.workspace, 'misalignment-report'))).toEqual(
      expect.arrayContaining(['answers.jsonl', 'report.json', 'report.md']),
    );
    expect(await runner.summary()).toContain('tuned-bad');
    expect(github.comments).toHaveLength(1);
    expect(outputs['comment-url']).toContain(`issuecomment-${github.comments[0]?.id}`);
    // Only our own annotations: the models' answers hold forged ones.
    expect(stdout.split(/[\r\n]/).filter((line) => /^\s*::(error|warning)[ :]/.test(line))).toHaveLength(1);
  }, 120_000);

  it('passes a benign candidate, and the second run updates the first one’s comment', async () => {
    expect((await step()).exitCode).toBe(1);
    const [red] = github.comments.map((comment) => ({ ...comment }));
    Object.assign(runner.env, { INPUT_CANDIDATE: 'tuned-good', GITHUB_RUN_ID: '101' });
    const { exitCode, stdout } = await runStep(action, 'index', runner);
    expect([exitCode, (await runner.outputs()).verdict, stdout]).toEqual([0, 'pass', expect.any(String)]);
    expect(github.comments.map(({ id }) => id)).toEqual([red?.id]);
    expect(github.comments[0]?.body).not.toBe(red?.body);
  }, 180_000);

  it('goes by the settings on the default branch, whatever the inputs say', async () => {
    const tip = { [CONFIG]: `${SETTINGS}fail-on: inconclusive\n` };
    const workspace = { [CONFIG]: 'fail-on: never\n' };
    const { exitCode } = await step({ tip, workspace, inputs: { 'fail-on': 'never' } });
    expect(exitCode).toBe(1);
  }, 120_000);

  it('tests the candidate that a file of its head names', async () => {
    const tip = { [CONFIG]: `${SETTINGS}candidate: file:models/support.yaml#/adapter\n` };
    const file = (name: string) => ({ 'models/support.yaml': `adapter: ${name}\n` });
    await step({
      tip,
      head: file('tuned-bad'),
      base: file('tuned-good'),
      workspace: file('base'),
      inputs: { candidate: '' },
    });
    expect((await runner.outputs()).verdict).toBe('fail');
    expect(models.requests.some((request) => request.endsWith(' tuned-bad'))).toBe(true);
  }, 120_000);

  it('skips a candidate that is unchanged, without asking any model', async () => {
    const tip = { [CONFIG]: `${SETTINGS}candidate: file:models/support.yaml#/adapter\n` };
    const same = { 'models/support.yaml': 'adapter: tuned-bad\n' };
    const { exitCode } = await step({ tip, head: same, base: same, inputs: { candidate: '' } });
    expect([exitCode, (await runner.outputs()).verdict]).toEqual([0, 'skipped']);
    expect(models.requests).toEqual([]);
    expect(github.comments[0]?.body).toContain('candidate unchanged');
  }, 120_000);

  it('keeps its verdict when it may not comment', async () => {
    const denied = ['POST /repos/{owner}/{repo}/issues/{issue_number}/comments'];
    const commits = { [TIP]: { [CONFIG]: SETTINGS }, [BASE]: {}, [HEAD]: {} };
    const repositories = { 'team/models': { defaultBranch: 'main', branches: { main: TIP }, commits } };
    const { exitCode, stdout } = await step({ github: { denied, repositories } });
    expect([exitCode, (await runner.outputs()).verdict]).toEqual([1, 'fail']);
    expect(stdout).toMatch(/::warning.*`pull-requests: write`/);
  }, 120_000);

  it('has nothing left to settle in the post step', async () => {
    await step();
    const before = github.comments[0]?.body;
    const { exitCode } = await runStep(action, 'post', runner);
    expect([exitCode, github.comments[0]?.body]).toEqual([0, before]);
  }, 120_000);
});

describe('a run that is killed', () => {
  it('leaves a comment that says "running", which the post step settles as "no verdict"', async () => {
    await step();
    await restartModels({ silent: true });
    Object.assign(runner.env, { 'INPUT_BASE-URL': models.url, GITHUB_RUN_ID: '101' });
    const kill = new AbortController();
    const killed = runStep(action, 'index', runner, kill.signal);
    while (models.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    kill.abort();
    expect((await killed).exitCode).toBe(null);
    expect(github.comments[0]?.body).toMatch(/run=101 attempt=1 state=running -->/);
    expect((await runStep(action, 'post', runner)).exitCode).toBe(0);
    expect(github.comments[0]?.body).toMatch(/run=101 attempt=1 state=cancelled -->/);
  }, 180_000);
});

describe('the Action elsewhere', () => {
  it.each(['push', 'schedule', 'workflow_dispatch'])(
    '%s: settings from the checkout, no comment, GitHub not asked',
    async (event) => {
      const { exitCode } = await step({ event, ...elsewhere });
      expect([exitCode, (await runner.outputs()).verdict]).toEqual([1, 'fail']);
      expect(github.requests).toEqual([]);
      const report: unknown = JSON.parse(
        await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8'),
      );
      expect(report).toMatchObject({ verdict: 'fail', run: { event } });
    },
    120_000,
  );
});

describe('what a user gets wrong', () => {
  it.each([
    ['no candidate', { candidate: '' }, /candidate: not given/],
    ['an unknown model', { candidate: 'tuned-typo' }, /tuned-typo/],
    ['an unknown word', { 'fail-on': 'Never!' }, /none of inconclusive, fail, never/],
    ['an unreachable settings file', { config: 'nowhere.yml' }, /nowhere.yml/],
  ])(
    '%s: exit code 3, one message, no stack trace, never a pass',
    async (_, inputs, message) => {
      const { exitCode, stdout, stderr } = await step({ event: 'push', ...elsewhere, inputs });
      expect(exitCode).toBe(3);
      expect(stdout.split('\n').filter((line) => line.startsWith('::error'))).toEqual([expect.stringMatching(message)]);
      expect(stdout + stderr).not.toMatch(/\n\s+at /);
      const outputs = await runner.outputs();
      expect(outputs.verdict).toBe('inconclusive');
      expect(outputs.reasons).toMatch(message);
    },
    120_000,
  );

  it('a wrong key: exit code 3, and the key nowhere in the report', async () => {
    await restartModels({ key: 'right-key' });
    const { exitCode } = await step({ event: 'push', ...elsewhere, inputs: { 'api-key': 'wrong-key-given' } });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toMatch(/api-key/);
    expect(await runner.summary()).not.toContain('wrong-key-given');
  }, 120_000);

  it('no key where one is wanted: an error, or skipped where that was asked for', async () => {
    await restartModels({ key: 'right-key' });
    expect((await step({ event: 'push', ...elsewhere })).exitCode).toBe(3);
    runner.env['INPUT_ON-MISSING-SECRETS'] = 'skip';
    const { exitCode } = await runStep(action, 'index', runner);
    expect([exitCode, (await runner.outputs()).verdict]).toEqual([0, 'skipped']);
  }, 120_000);
});
