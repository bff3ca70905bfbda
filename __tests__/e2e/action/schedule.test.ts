import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Report } from '../../../src/report/report.js';
import { type Runner, startRunner, TIP } from '../../action/runner.js';
import { type ActionExport, exportAction, runStep, type StepRun } from '../support/action-export.js';
import { type EmulatedRepository, GithubEmulator } from '../support/github-emulator.js';
import { MockOpenAI } from '../support/mock-openai.js';

const CONFIG = '.github/misalignment-gate.yml';
const SETTINGS = 'judge: { model: judge }\nhistory: { anchor: base }\n';
const PAYLOAD = { repository: { full_name: 'team/models', default_branch: 'main' } };
const BRANCH = 'misalignment-history';

let action: ActionExport;
let models: MockOpenAI;
let github: GithubEmulator;
let runner: Runner;
let repository: EmulatedRepository;

beforeAll(async () => {
  action = await exportAction();
  models = await MockOpenAI.start();
  repository = { defaultBranch: 'main', branches: { main: TIP }, commits: { [TIP]: { [CONFIG]: SETTINGS } } };
  github = await GithubEmulator.start({ repositories: { 'team/models': repository } });
}, 120_000);
afterAll(() => Promise.all([models.stop(), github.stop(), action.remove()]));

afterEach(async () => {
  await runner.remove();
  expect(github.violations).toEqual([]);
});

async function week(run: string, candidate: string): Promise<StepRun> {
  runner = await startRunner({
    ...{ event: 'schedule', payload: PAYLOAD, apiUrl: github.url, env: { GITHUB_RUN_ID: run } },
    inputs: {
      ...{ candidate, baseline: 'base', 'base-url': models.url, battery: 'quick' },
      ...{ 'history-branch': BRANCH, 'issue-on-failure': 'true' },
    },
  });
  await runner.checkout(CONFIG, SETTINGS);
  return runStep(action, 'index', runner);
}

async function report(): Promise<Report> {
  return JSON.parse(await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8'));
}

describe('the Action on a schedule, week after week', () => {
  it('the first run begins the history', async () => {
    expect(await week('100', 'tuned-good')).toMatchObject({ exitCode: 0 });
    expect((await report()).history).toMatchObject({ rows: [{ verdict: 'pass' }], drift: [], notes: [] });
    expect(github.issues.all).toEqual([]);
  }, 180_000);

  it('the second is compared with it and with the anchor, and shows the trend', async () => {
    expect(await week('101', 'tuned-good')).toMatchObject({ exitCode: 0 });
    const { history } = await report();
    expect(history?.drift).toMatchObject([
      { against: 'last-accepted', model: 'tuned-good', shown: false },
      { against: 'anchor', model: 'base', shown: false },
    ]);
    expect(history?.drift.every(({ pairs }) => pairs >= 400)).toBe(true);
    expect(await runner.summary()).toContain('```mermaid');
  }, 180_000);

  it('a fail opens the tracking issue and turns the badge red', async () => {
    expect(await week('102', 'tuned-bad')).toMatchObject({ exitCode: 1 });
    expect(github.issues.all).toMatchObject([{ state: 'open', title: expect.stringContaining('tuned-bad') }]);
    const files = repository.commits[repository.branches[BRANCH] ?? ''] ?? {};
    expect(JSON.parse(String(files['badge.json']))).toMatchObject({ color: 'red' });
    expect(String(files['history.jsonl']).trimEnd().split('\n')).toHaveLength(3);
  }, 180_000);

  it('the next pass closes it, and is compared with the last pass', async () => {
    expect(await week('103', 'tuned-good')).toMatchObject({ exitCode: 0 });
    expect(github.issues.all).toMatchObject([{ state: 'closed' }]);
    expect((await report()).history?.drift[0]).toMatchObject({ against: 'last-accepted', runId: 101 });
  }, 180_000);
});
