import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, ProviderError } from '../../src/core/errors.js';
import { NO_USAGE } from '../../src/cost/spending.js';
import type { GithubEmulator } from '../e2e/support/github-emulator.js';
import { BY_VERDICT } from '../report/samples.js';
import type { Ran } from './in-process.js';
import { BASE, HEAD, type Runner } from './runner.js';
import { PUSH, play, SERVER, type Setup } from './scene.js';

let github: GithubEmulator;
let runner: Runner;

async function gate(setup: Setup = {}): Promise<Ran> {
  const scene = await play(setup);
  ({ github, runner } = scene);
  return scene.ran;
}

afterEach(async () => {
  await github.stop();
  await runner.remove();
  expect(github.violations).toEqual([]);
});

it('until there is a verdict the step is a failed one, and its output says inconclusive', async () => {
  let before: unknown = null;
  const during = async () => {
    const written = await readFile(String(process.env.GITHUB_OUTPUT), 'utf8');
    before = [process.exitCode, /^verdict<<.*\ninconclusive$/m.test(written)];
  };
  const { exitCode } = await gate({ during });
  expect([before, exitCode, (await runner.outputs()).verdict]).toEqual([[2, true], 0, 'pass']);
});

describe('what a verdict leaves behind', () => {
  it('outputs, report files, a summary and one comment, and the step’s result', async () => {
    const { exitCode } = await gate();
    expect(exitCode).toBe(0);
    const outputs = await runner.outputs();
    expect(outputs).toMatchObject({ verdict: 'pass', 'report-dir': 'misalignment-report', requests: '0' });
    expect(outputs['comment-url']).toBe(`https://github.example/pull/7#issuecomment-${github.comments[0]?.id}`);
    expect(JSON.parse(outputs.reasons ?? '')).toEqual([
      { code: 'below-margin', message: 'shown to be below the margin' },
    ]);
    expect(await runner.summary()).toContain('Misalignment gate');
    expect(github.comments[0]?.body).toMatch(
      /^<!-- misalignment-gate key=\w+ head=a{40} run=100 attempt=1 state=pass -->/,
    );
    expect(JSON.parse(await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8'))).toMatchObject(
      {
        run: { repository: 'team/models', event: 'pull_request', headSha: HEAD, runId: 100 },
      },
    );
  });

  it.each([
    ['pass', 0, 0, 0],
    ['skipped', 0, 0, 0],
    ['bypassed', 0, 0, 0],
    ['fail', 1, 1, 0],
    ['inconclusive', 2, 0, 0],
  ] as const)('%s ends the step with %d (fail-on: inconclusive), %d (fail), %d (never)', async (verdict, ...codes) => {
    for (const [at, failOn] of ['inconclusive', 'fail', 'never'].entries()) {
      const { exitCode, log } = await gate({ verdict, ...PUSH, inputs: { ...SERVER, 'fail-on': failOn } });
      expect(exitCode).toBe(codes[at]);
      expect((await runner.outputs()).verdict).toBe(verdict);
      if (codes[at] === 0 && ['fail', 'inconclusive'].includes(verdict)) expect(log).toContain('::warning');
      if (at < 2) await Promise.all([github.stop(), runner.remove()]);
    }
  });

  it('outside pull requests there is no comment, and GitHub is not asked for anything', async () => {
    await gate(PUSH);
    expect(github.requests).toEqual([]);
    expect((await runner.outputs())['comment-url']).toBe('');
  });

  it('a merge group gets no comment', async () => {
    const merge_group = { head_sha: HEAD, base_sha: BASE };
    await gate({ event: 'merge_group', payload: { merge_group, repository: { default_branch: 'main' } } });
    expect(github.comments).toEqual([]);
  });

  it('a lost permission to comment is a warning, and the verdict stands', async () => {
    const denied = ['POST /repos/{owner}/{repo}/issues/{issue_number}/comments'];
    const { exitCode, log } = await gate({ verdict: 'fail', github: { denied } });
    expect(exitCode).toBe(1);
    expect(log).toMatch(/::warning.*`pull-requests: write`/);
    expect(await runner.outputs()).toMatchObject({ verdict: 'fail', 'comment-url': '' });
  });

  it('a report that can not be written is no verdict', async () => {
    const { exitCode } = await gate({ writeFails: true });
    expect(exitCode).toBe(3);
    const outputs = await runner.outputs();
    expect(outputs.verdict).toBe('inconclusive');
    expect(outputs.reasons).toContain('ENOSPC');
  });

  it('a summary that can not be written is a warning', async () => {
    const { exitCode, log } = await gate({ ...PUSH, env: { GITHUB_STEP_SUMMARY: '/nowhere/summary.md' } });
    expect(exitCode).toBe(0);
    expect(log).toContain('::warning');
  });
});

describe('errors', () => {
  it('of configuration: outputs, summary and report say what is wrong; the step fails whatever fail-on says', async () => {
    const { exitCode, log } = await gate({ ...PUSH, inputs: { ...SERVER, candidate: '', 'fail-on': 'never' } });
    expect(exitCode).toBe(3);
    expect(log).toMatch(/::error.*candidate: not given/);
    const outputs = await runner.outputs();
    expect(outputs).toMatchObject({ verdict: 'inconclusive', 'candidate-rate': '', 'comment-url': '' });
    expect(JSON.parse(outputs.reasons ?? '')[0]).toMatchObject({
      message: expect.stringContaining('candidate: not given'),
    });
    expect(await runner.summary()).toContain('candidate: not given');
  });

  it('of an endpoint: inconclusive, as fail-on says', async () => {
    const failure = new ProviderError('endpoint.unreachable', 'the server is down');
    expect((await gate({ ...PUSH, failure })).exitCode).toBe(2);
    await Promise.all([github.stop(), runner.remove()]);
    expect((await gate({ ...PUSH, failure, inputs: { ...SERVER, 'fail-on': 'fail' } })).exitCode).toBe(0);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it('in the middle of a run: outputs, summary and comment hold what was measured by then; no later job takes it over', async () => {
    const failure = new ConfigError('endpoint.key-refused', 'api-key: refused by the server');
    const { run: _, verdict: __, reasons: ___, headline: ____, ...more } = BY_VERDICT.inconclusive;
    const inputs = { ...SERVER, 'judge-api-key': 'sk-of-the-judge' };
    const workspace = { 'misalignment-report/sealed-report.json': '{}' };
    const { exitCode } = await gate({ failure, more, inputs, workspace });
    expect(exitCode).toBe(3);
    const { requests, answers, verdict } = await runner.outputs();
    expect([verdict, answers]).toEqual(['inconclusive', String(more.statistics?.answers)]);
    expect(Number(requests)).toBe(more.usage.requests);
    expect(Number(requests)).toBeGreaterThan(0);
    for (const text of [await runner.summary(), github.comments[0]?.body]) {
      expect(text).toMatch(/api-key: refused by the server/);
      expect(text).toMatch(/Misalignment rate/);
    }
    expect(await readdir(join(runner.workspace, 'misalignment-report'))).toEqual(['report.json']);
  });

  it('of our own: exit code 4, without a stack trace, never a pass', async () => {
    const { exitCode, log } = await gate({
      ...PUSH,
      failure: new TypeError('x is undefined'),
      inputs: { ...SERVER, 'fail-on': 'never' },
    });
    expect(exitCode).toBe(4);
    expect(
      log
        .split('\n')
        .filter((line) => !line.startsWith('::debug'))
        .join('\n'),
    ).not.toMatch(/ at .*\.ts/);
    expect((await runner.outputs()).verdict).toBe('inconclusive');
  });

  it('in the middle of the run: the outputs hold what was asked until then', async () => {
    const failure = new ConfigError('endpoint.key-refused', 'api-key: refused');
    const { exitCode } = await gate({ ...PUSH, failure, more: { usage: { ...NO_USAGE, requests: 240 } } });
    expect(exitCode).toBe(3);
    expect(await runner.outputs()).toMatchObject({ verdict: 'inconclusive', requests: '240' });
  });

  it('of the event itself: told as well', async () => {
    const { exitCode } = await gate({ payload: {} });
    expect(exitCode).toBe(3);
    expect((await runner.outputs()).reasons).toContain('GITHUB_EVENT_PATH');
  });
});
