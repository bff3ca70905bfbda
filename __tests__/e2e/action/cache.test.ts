import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Report } from '../../../src/report/report.js';
import { type Runner, startRunner } from '../../action/runner.js';
import { type ActionExport, exportAction, runStep } from '../support/action-export.js';
import { CacheService } from '../support/cache-service.js';
import { MockOpenAI } from '../support/mock-openai.js';

const PAYLOAD = { repository: { full_name: 'team/models', default_branch: 'main' } };

let action: ActionExport;
let models: MockOpenAI;
let cache: CacheService;
const runners: Runner[] = [];

beforeAll(async () => {
  action = await exportAction();
}, 120_000);
afterAll(() => action.remove());
beforeEach(async () => {
  models = await MockOpenAI.start();
  cache = await CacheService.start();
});
afterEach(async () => {
  await Promise.all([models.stop(), cache.stop(), ...runners.splice(0).map((runner) => runner.remove())]);
});

/** A job of the same run on a machine of its own, with nothing on it. */
async function machine(attempt: number, env: Readonly<Record<string, string>> = {}): Promise<Runner> {
  const inputs = {
    candidate: 'tuned-good',
    baseline: 'base',
    judge: 'judge',
    'base-url': models.url,
    battery: 'quick',
  };
  const runner = await startRunner({
    ...{ event: 'push', payload: PAYLOAD },
    inputs: { ...inputs, 'api-key': 'sk-test-12345' },
    env: {
      ...cache.environment,
      GITHUB_REF: 'refs/heads/main',
      GITHUB_RUN_ID: '100',
      GITHUB_RUN_ATTEMPT: String(attempt),
      ...env,
    },
  });
  runner.env.RUNNER_TEMP = runner.folder;
  // Tested is not the judge.
  await runner.checkout('.github/misalignment-gate.yml', 'judge: { self-check: false, untested: accept }\n');
  runners.push(runner);
  return runner;
}

/** Runs the main step, killed once the models had so many requests more, and then the post step. */
async function job(runner: Runner, killAfter = Number.POSITIVE_INFINITY) {
  const kill = new AbortController();
  const until = models.requests.length + killAfter;
  const main = runStep(action, 'index', runner, kill.signal).finally(() => kill.abort());
  while (!kill.signal.aborted) {
    if (models.requests.length >= until) kill.abort();
    await sleep(2);
  }
  const post = await runStep(action, 'post', runner);
  return { main: await main, post };
}

async function reportOf(runner: Runner): Promise<Report> {
  return JSON.parse(await readFile(join(runner.workspace, 'misalignment-report/report.json'), 'utf8'));
}

const keys = () => cache.entries.map(({ key }) => key.replace(/-[0-9a-f]{16}-/, '-KEY-').replace(/-[0-9a-f]{8}\b/, ''));

describe('the Action with the cache library itself, against a cache service', () => {
  it('goes on in the second attempt, on another machine, where the first one was killed', async () => {
    const first = await job(await machine(1), 400);
    expect([first.main.exitCode, first.post.exitCode]).toEqual([null, 0]);
    expect(keys().sort()).toEqual(['misalignment-gate-baseline-KEY-100-1', 'misalignment-gate-run-KEY-100-1']);
    const before = models.requests.length;
    const runner = await machine(2);
    const second = await job(runner);
    expect([second.main.exitCode, second.post.exitCode]).toEqual([0, 0]);
    const { verdict, notes, statistics } = await reportOf(runner);
    expect(verdict).toBe('pass');
    expect(notes.join()).toMatch(/Resumed: \d+ judged answers of an earlier attempt/);
    // An unbroken run takes two answers and two judgements each; what was in flight is asked again.
    expect(models.requests.length - before).toBeLessThan(4 * (statistics?.answers ?? 0) - 400 + 3 * 32 + 64);
    expect(keys().slice(2).sort()).toEqual(['misalignment-gate-baseline-KEY-100-2', 'misalignment-gate-run-KEY-100-2']);

    const third = await machine(3);
    const asked = models.requests.length;
    expect((await job(third)).main.exitCode).toBe(0);
    expect((await reportOf(third)).notes.join()).toMatch(/reached on .* nothing was sampled now/);
    expect(models.requests.length - asked).toBeLessThan(10);
  }, 180_000);

  it('never changes an entry: a second save under the same key is none, and no error', async () => {
    const runner = await machine(1);
    await job(runner, 200);
    const saved = cache.entries.map(({ bytes }) => bytes);
    const post = await runStep(action, 'post', runner);
    expect(post.exitCode).toBe(0);
    expect(cache.conflicts).toHaveLength(2);
    expect(cache.entries.map(({ bytes }) => bytes)).toEqual(saved);
  }, 120_000);

  it('takes nothing from an entry that is no archive, and comes to its verdict all the same', async () => {
    await job(await machine(1), 200);
    cache.replace(() => Buffer.from('no archive'));
    const runner = await machine(2);
    const { main } = await job(runner);
    expect(main.exitCode).toBe(0);
    const { verdict, notes } = await reportOf(runner);
    expect(verdict).toBe('pass');
    expect(notes.join()).not.toContain('Resumed');
  }, 120_000);

  it.each([
    ['refuses', {}],
    ['is not there', { ACTIONS_RESULTS_URL: 'http://127.0.0.1:1/' }],
    ['is none', { ACTIONS_RESULTS_URL: '', ACTIONS_RUNTIME_TOKEN: '' }],
  ])(
    'costs no more than a note where the service %s',
    async (name, env) => {
      cache.trouble = name === 'refuses' ? 'refuses' : null;
      const runner = await machine(1, env);
      const { main, post } = await job(runner);
      expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
      expect((await reportOf(runner)).verdict).toBe('pass');
      expect(cache.entries).toEqual([]);
    },
    120_000,
  );
});
