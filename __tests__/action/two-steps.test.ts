import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { readEnvironment } from '../../src/action/environment.js';
import type { GithubEmulator } from '../e2e/support/github-emulator.js';
import { type FakeGate, type Ran, runInProcess } from './in-process.js';
import { inputVariables, type Runner } from './runner.js';
import { CONFIG, play, SERVER, type Setup } from './scene.js';

const FIRST = '__team_misalignment-gate';
const SECOND = '__team_misalignment-gate_2';
const WORKFLOW = 'team/models/.github/workflows/gate.yml@refs/pull/7/merge';

let github: GithubEmulator;
let runner: Runner;

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

/** The first gate step of a job: a fail. */
async function first(setup: Setup = {}): Promise<Ran> {
  const env = { GITHUB_ACTION: FIRST, GITHUB_WORKFLOW_REF: WORKFLOW, ...setup.env };
  const scene = await play({ verdict: 'fail', ...setup, env });
  ({ github, runner } = scene);
  return scene.ran;
}

/** Another step, as its variables tell. */
async function next(env: Readonly<Record<string, string>>, fake: FakeGate = {}): Promise<Ran> {
  Object.assign(runner.env, env);
  return runInProcess(runner, fake);
}

async function verdictIn(folder: string): Promise<string> {
  return JSON.parse(await readFile(join(runner.workspace, folder, 'report.json'), 'utf8')).verdict;
}

const states = () => github.comments.map(({ body }) => /state=(\w+)/.exec(body)?.[1]);

describe('two gate steps in one job', () => {
  it('have comments of their own, which each finds again in the next run', async () => {
    await first();
    await next({ GITHUB_ACTION: SECOND });
    expect(states()).toEqual(['fail', 'pass']);
    await next({ GITHUB_ACTION: FIRST, GITHUB_RUN_ID: '101' });
    await next({ GITHUB_ACTION: SECOND }, { verdict: 'fail' });
    expect(states()).toEqual(['pass', 'fail']);
  });

  it.each([
    ['without ids', FIRST, SECOND, 'misalignment-report-2'],
    ['with ids', 'support', 'sales', 'misalignment-report-sales'],
    ['with an id for the first', 'support', FIRST, 'misalignment-report-team_misalignment-gate'],
  ])('%s have report folders of their own, named by the outputs', async (_, one, other, folder) => {
    await first({ env: { GITHUB_ACTION: one } });
    expect((await runner.outputs())['report-dir']).toBe('misalignment-report');
    const { log, settings } = await next({ GITHUB_ACTION: other });
    expect((await runner.outputs())['report-dir']).toBe(folder);
    expect(settings?.reportDir).toBe(join(runner.workspace, folder));
    expect([await verdictIn('misalignment-report'), await verdictIn(folder)]).toEqual(['fail', 'pass']);
    expect(log).toContain(
      '::notice title=misalignment-gate::report-dir: "misalignment-report" holds the report of the step',
    );
  });

  it('that name the same folder both write there, and the second says so', async () => {
    await first({ inputs: { ...SERVER, 'report-dir': 'out' } });
    const { log } = await next({ GITHUB_ACTION: SECOND });
    expect(await verdictIn('out')).toBe('pass');
    expect(log).toMatch(
      /::notice title=misalignment-gate::report-dir: "out" holds the report of .*as both steps name that folder/,
    );
  });

  it('keep their folders also when the second ends in an error', async () => {
    await first();
    await next({ GITHUB_ACTION: SECOND, ...inputVariables({ 'fail-on': 'perhaps' }) });
    expect(await verdictIn('misalignment-report')).toBe('fail');
    expect(await verdictIn('misalignment-report-2')).toBe('inconclusive');
  });

  it('use the folder of an earlier attempt, or of another job on the machine, again', async () => {
    await first();
    await next({ GITHUB_ACTION: SECOND, GITHUB_RUN_ATTEMPT: '2' });
    expect(await verdictIn('misalignment-report')).toBe('pass');
    await next({ GITHUB_ACTION: FIRST, GITHUB_JOB: 'other' }, { verdict: 'inconclusive' });
    expect(await verdictIn('misalignment-report')).toBe('inconclusive');
  });

  it('with one check-name have a check each: the second’s pass hides no fail', async () => {
    const settings = [{ name: 'check-name', value: 'Gate', source: 'input' }] as const;
    await first({ inputs: { ...SERVER, 'check-name': 'Gate' }, more: { settings } });
    const { log } = await next({ GITHUB_ACTION: SECOND });
    expect(github.checkRuns).toMatchObject([
      { name: 'Gate', conclusion: 'failure' },
      { name: 'Gate (2)', conclusion: 'success' },
    ]);
    expect(log).toContain('::notice title=misalignment-gate::check-name: "Gate" is the check of the step');
  });

  it('with check-names of their own keep them', async () => {
    const settings = [{ name: 'check-name', value: 'Support', source: 'input' }] as const;
    await first({ inputs: { ...SERVER, 'check-name': 'Support' }, more: { settings } });
    await next({ GITHUB_ACTION: SECOND, ...inputVariables({ 'check-name': 'Sales' }) });
    expect(github.checkRuns.map(({ name }) => name)).toEqual(['Support', 'Sales']);
  });

  it('are not led astray by a report in the checkout that is none', async () => {
    await first({ workspace: { 'misalignment-report/report.json': '{"run": {"runId": 100}}', [CONFIG]: '' } });
    expect((await runner.outputs())['report-dir']).toBe('misalignment-report');
  });
});

describe('jobs of one name have comments of their own', () => {
  const call = (path: string) => ({ ACTIONS_ORCHESTRATION_ID: `0c8d3f1e-1.${path}.__default` });

  it.each([
    ['in workflow files of one name', { GITHUB_WORKFLOW_REF: WORKFLOW.replace('gate.yml', 'other.yml') }],
    ['in another repository’s workflow', { GITHUB_WORKFLOW_REF: WORKFLOW.replace('team/models', 'team/required') }],
    ['in a workflow that two jobs call', call('sales.gate')],
  ])('%s', async (_, env) => {
    await first({ env: call('gate') });
    await next(env);
    expect(states()).toEqual(['fail', 'pass']);
  });

  it('whatever branch, plan and leg the runner names beside them', async () => {
    await first({ env: call('support.gate') });
    await next({
      GITHUB_RUN_ID: '101',
      GITHUB_WORKFLOW_REF: WORKFLOW.replace(/@.*/, '@refs/heads/a@b'),
      ACTIONS_ORCHESTRATION_ID: 'another.support.gate._1',
    });
    expect(states()).toEqual(['pass']);
  });

  it('and a workflow’s file may have any name', async () => {
    await first();
    const path = (ref: string) => readEnvironment({ ...runner.env, GITHUB_WORKFLOW_REF: ref }).workflowPath;
    expect(path('team/models/.github/workflows/gate@v2.yml@refs/heads/a@b')).toBe('.github/workflows/gate@v2.yml');
    expect(path(`org/required/.github/workflows/gate.yml@${'a'.repeat(40)}`)).toBe(
      'org/required/.github/workflows/gate.yml',
    );
  });
});
