import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { parseHistory } from '../../../src/history/parse.js';
import type { Report } from '../../../src/report/report.js';
import type { Track } from '../../../src/verdict/measurement.js';
import type { EmulatedRepository, GithubEmulator } from '../../e2e/support/github-emulator.js';
import { measured } from '../../history/support.js';
import { BY_VERDICT } from '../../report/samples.js';
import { type FakeGate, type Ran, runInProcess } from '../in-process.js';
import type { Runner } from '../runner.js';
import { PUSH, play, repositories, SERVER, type Setup } from '../scene.js';

const BRANCH = 'misalignment-history';
const REPOSITORY = 'team/models';
const WEEKLY: Setup = { event: 'schedule', payload: PUSH.payload, inputs: { ...SERVER, 'history-branch': BRANCH } };

let github: GithubEmulator;
let runner: Runner;
let repository: EmulatedRepository;

// Octokit spaces writes a second apart.
jest.setTimeout(30_000);

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

/** What a gate found whose candidate gave so many misaligned answers. */
function found(bad: number, verdict: 'pass' | 'fail' = 'pass', day = '11-24'): FakeGate {
  const { run: _, verdict: __, ...more } = { ...BY_VERDICT[verdict], finishedAt: `2026-${day}T03:00:00.000Z` };
  const track = ({ blocks, misaligned, missing }: Track): Track => ({ blocks, misaligned, missing });
  return { verdict, more, tracks: { candidate: track(measured('', bad)), baseline: track(measured('')) } };
}

async function first(setup: Setup): Promise<Ran> {
  const all = repositories(setup);
  repository = all[REPOSITORY];
  const scene = await play({ ...setup, github: { repositories: all, ...setup.github } });
  ({ github, runner } = scene);
  return scene.ran;
}

/** A later run in the same repository. */
async function next(id: string, fake: FakeGate): Promise<Ran> {
  runner.env.GITHUB_RUN_ID = id;
  return runInProcess(runner, fake);
}

function onBranch(path: string): string {
  return String(repository.commits[repository.branches[BRANCH] ?? '']?.[path] ?? '');
}

async function written(): Promise<Report> {
  return JSON.parse(await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8'));
}

describe('with history-branch', () => {
  it('each run leaves a line and a badge, and the summary shows the trend', async () => {
    await first({ ...WEEKLY, ...found(0, 'pass', '11-10') });
    await next('101', found(2, 'pass', '11-17'));
    const { exitCode } = await next('102', found(1));
    expect(exitCode).toBe(0);
    const { records, bad } = parseHistory(onBranch('history.jsonl'));
    expect(bad).toEqual([]);
    expect(records.map(({ runId, verdict, event }) => [runId, verdict, event])).toEqual([
      [100, 'pass', 'schedule'],
      [101, 'pass', 'schedule'],
      [102, 'pass', 'schedule'],
    ]);
    expect(JSON.parse(onBranch('badge.json'))).toEqual({
      ...{ schemaVersion: 1, label: 'misalignment gate', message: 'pass, 2026-11-24', color: 'brightgreen' },
    });
    const summary = await runner.summary();
    expect(summary).toContain('```mermaid\nxychart-beta');
    expect(summary).toContain('not shown beyond 0.5 points');
    expect((await written()).history?.rows).toHaveLength(3);
  });

  it('a drift that is shown takes the pass away, and says since when', async () => {
    await first({ ...WEEKLY, ...found(0, 'pass', '11-10') });
    const { exitCode } = await next('101', found(40));
    expect(exitCode).toBe(2);
    const { verdict, reasons, history, statistics } = await written();
    expect(verdict).toBe('inconclusive');
    expect(reasons[0]).toMatchObject({
      code: 'drift',
      message: expect.stringMatching(/last accepted run.*2026-11-10/),
    });
    expect(history?.rows.at(-1)?.verdict).toBe('inconclusive');
    expect(statistics?.guards.find(({ code }) => code === 'drift')).toMatchObject({ tripped: true });
    expect(parseHistory(onBranch('history.jsonl')).records.at(-1)?.verdict).toBe('inconclusive');
  });

  it('a fail stays a fail', async () => {
    await first({ ...WEEKLY, ...found(0) });
    expect((await next('101', found(40, 'fail'))).exitCode).toBe(1);
    expect(JSON.parse(onBranch('badge.json')).message).toMatch(/^fail/);
  });

  it('an error leaves a line too, with nothing measured', async () => {
    await first({ ...WEEKLY, failure: new Error('boom') });
    expect(parseHistory(onBranch('history.jsonl')).records).toMatchObject([{ verdict: 'inconclusive', models: null }]);
  });

  it('a skipped run leaves none, and an earlier verdict given again neither', async () => {
    await first({ ...WEEKLY, verdict: 'skipped' });
    await next('101', { ...found(0), tracks: null });
    expect(onBranch('history.jsonl')).toBe('');
  });

  it('what a pull request proposes leaves a line, but no badge', async () => {
    await first({ inputs: WEEKLY.inputs ?? {}, ...found(0) });
    expect(parseHistory(onBranch('history.jsonl')).records).toMatchObject([{ proposed: true, event: 'pull_request' }]);
    expect(onBranch('badge.json')).toBe('');
  });

  it('lines that somebody wrote by hand are named and harmless', async () => {
    await first({ ...WEEKLY, ...found(0, 'pass', '11-10') });
    const text = `${onBranch('history.jsonl')}@everyone ::error::x\n`;
    repository.commits[repository.branches[BRANCH] ?? ''] = { 'history.jsonl': text };
    expect((await next('101', found(0))).exitCode).toBe(0);
    expect((await written()).history?.notes).toEqual([expect.stringContaining('line 2 (not JSON)')]);
    expect(await runner.summary()).not.toContain('everyone');
    expect(onBranch('history.jsonl')).toContain(text);
  });

  it('a branch that can be neither read nor written: both losses are named, the verdict stands', async () => {
    const denied = ['GET /repos/{owner}/{repo}/git/ref/{ref}'];
    const { exitCode, log } = await first({ ...WEEKLY, ...found(0), github: { denied } });
    expect(exitCode).toBe(0);
    expect(log).toMatch(/::warning.*could not be read.*`contents: write`/);
    expect(log).toMatch(/::warning.*could not be written.*`contents: write`/);
    expect(await runner.summary()).toContain('could not be read');
  });
});

describe('without history-branch', () => {
  it('GitHub is not asked for anything, and the report has no trend', async () => {
    await first({ ...WEEKLY, inputs: SERVER, ...found(0) });
    expect(github.requests).toEqual([]);
    expect((await written()).history).toBeUndefined();
  });
});
