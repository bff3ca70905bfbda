import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliRun, runCli } from '../support/cli.js';
import { MockOpenAI } from '../support/mock-openai.js';

const CONCURRENCY = 8;
/** The preflights, with their look at the list of models. */
const BEFORE_THE_FIRST = 8;

let bundle: Bundle;
let mock: MockOpenAI;
let folder: string;

beforeAll(async () => {
  bundle = await bundleInRepository();
}, 120_000);
afterAll(() => bundle.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kill-'));
  mock = await MockOpenAI.start();
  // Tested is not the judge.
  await mkdir(join(folder, '.github'));
  await writeFile(join(folder, '.github/misalignment-gate.yml'), 'judge: { self-check: false, untested: accept }\n');
});
afterEach(async () => {
  await mock.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Killing {
  /** Kills the process, as a power cut would, once the server has had so many requests more. */
  readonly after?: number;
}

async function run(candidate: string, { after = Number.POSITIVE_INFINITY }: Killing = {}): Promise<CliRun> {
  const flags = {
    ...{ candidate, baseline: 'base', judge: 'judge', 'base-url': mock.url, battery: 'quick' },
    'max-concurrency': String(CONCURRENCY),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  const before = mock.requests.length;
  const ended = new AbortController();
  const finished = runCli(bundle, ['run', ...args], {
    cwd: folder,
    env: { OPENAI_API_KEY: 'sk-test-12345' },
    onStart: (child) => void killLater(child.pid ?? 0, before + after, ended.signal),
  });
  return finished.finally(() => ended.abort());
}

async function killLater(pid: number, requests: number, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    if (mock.requests.length >= requests) return void process.kill(pid, 'SIGKILL');
    await sleep(2);
  }
}

async function report() {
  return parseReport(await readFile(join(folder, 'misalignment-report/report.json'), 'utf8'), 'report.json');
}

async function journal(): Promise<string> {
  const state = join(folder, '.misalignment-gate');
  const names = await readdir(state, { recursive: true });
  return join(state, names.find((name) => /^run-.*\.jsonl$/.test(name)) ?? 'none');
}

describe('a run that is killed (kill -9)', () => {
  it('again and again ends in the verdict of an unbroken one, and repeats only what was in flight', async () => {
    const kills = [40, 300, 700];
    for (const after of kills) expect((await run('tuned-good', { after })).exitCode).toBeNull();
    const last = await run('tuned-good');
    expect(last.exitCode).toBe(0);
    const { statistics, notes } = await report();
    expect(notes.join()).toMatch(/Resumed: \d+ judged answers/);
    const [killed] = [mock.requests.splice(0).length];

    await rm(join(folder, '.misalignment-gate'), { recursive: true });
    await run('tuned-good');
    expect(statistics?.answers).toBe((await report()).statistics?.answers);
    const unbroken = mock.requests.length;
    // Looking ahead, the runs may end with some answers more or less of the block after the last.
    const repeated = killed - unbroken - kills.length * BEFORE_THE_FIRST;
    expect(repeated).toBeLessThanOrEqual(kills.length * 2 * CONCURRENCY + 4 * 16);
  }, 120_000);

  it('fails a harmful model all the same', async () => {
    await run('tuned-bad', { after: 20 });
    expect((await run('tuned-bad')).exitCode).toBe(1);
    expect((await report()).verdict).toBe('fail');
  }, 60_000);

  it('in the middle of a line goes on from the line before', async () => {
    await run('tuned-good', { after: 300 });
    const path = await journal();
    const { length } = await readFile(path);
    await truncate(path, length - 10);
    expect((await run('tuned-good')).exitCode).toBe(0);
    expect((await report()).notes.join()).toMatch(/Resumed/);
  }, 60_000);

  it('and whose journal was edited then starts anew, and says why', async () => {
    await run('tuned-bad', { after: 50 });
    const path = await journal();
    const written = await readFile(path, 'utf8');
    expect(written).toContain('answer, number');
    await writeFile(path, written.replaceAll('answer, number', 'reply, number'));
    const second = await run('tuned-bad');
    expect(second.exitCode).toBe(1);
    expect(second.stderr).toMatch(/was edited: its line \d+ does not verify/);
  }, 60_000);
});

describe('two runs in one state directory', () => {
  it('the second says so and stops with 3, the first goes on', async () => {
    const first = run('tuned-good');
    while (mock.requests.length < 50) await sleep(5);
    const second = await run('tuned-good');
    expect(second.exitCode).toBe(3);
    expect(second.stderr).toMatch(/state-dir: ".misalignment-gate" is in use by process \d+ on .*, since 20/);
    expect((await first).exitCode).toBe(0);
  }, 60_000);
});
