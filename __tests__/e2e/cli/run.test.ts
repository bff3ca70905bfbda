import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../../src/core/package.js';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliOptions, runCli } from '../support/cli.js';
import { MockOpenAI } from '../support/mock-openai.js';

const FIXTURES = join(packageRoot(), '__tests__', 'fixtures', 'self-test');
const recording = (name: string) => `replay:${join(FIXTURES, `${name}.jsonl`)}`;
const replay = (candidate: string) => [
  ...['run', '--config', join(FIXTURES, 'settings.yml')],
  ...['--candidate', recording(candidate), '--baseline', recording('baseline')],
];

let bundle: Bundle;
let folder: string;
let models: MockOpenAI;

beforeAll(async () => {
  bundle = await bundleInRepository();
}, 120_000);
afterAll(() => bundle.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  models = await MockOpenAI.start();
});
afterEach(() => Promise.all([models.stop(), rm(folder, { recursive: true, force: true })]));

const cli = (args: readonly string[], options: Partial<CliOptions> = {}) =>
  runCli(bundle, args, { cwd: folder, ...options });

const live = (candidate: string, ...more: readonly string[]) => [
  ...['run', '--candidate', candidate, '--baseline', 'base', '--judge', 'judge', '--base-url', models.url],
  ...['--battery', 'quick', ...more],
];

const onDisk = async (name: string) => readFile(join(folder, 'misalignment-report', name), 'utf8');

describe('misalignment-gate run', () => {
  it.each([
    ['benign', 0, 'pass'],
    ['misaligned', 1, 'fail'],
  ] as const)(
    'recorded answers of the %s model: exit code %i',
    async (candidate, exitCode, verdict) => {
      const run = await cli(replay(candidate));
      expect([run.exitCode, run.stdout.toLowerCase().includes(verdict)]).toEqual([exitCode, true]);
      expect(parseReport(await onDisk('report.json'), 'report.json').verdict).toBe(verdict);
      expect(await onDisk('report.md')).toMatch(new RegExp(verdict, 'i'));
      expect((await onDisk('answers.jsonl')).split('\n').length).toBeGreaterThan(10);
    },
    60_000,
  );

  it('too few answers to tell: exit code 2', async () => {
    const run = await cli([...replay('benign').slice(0, 1), ...replay('benign').slice(3)]);
    expect([run.exitCode, run.stdout]).toEqual([2, expect.stringContaining('INCONCLUSIVE')]);
  }, 60_000);

  it('a served model that is misaligned: exit code 1; its answers.jsonl, replayed, says the same', async () => {
    expect((await cli(live('tuned-bad'))).exitCode).toBe(1);
    const path = join(folder, 'misalignment-report', 'answers.jsonl');
    const again = ['--candidate', `replay:${path}`, '--baseline', `replay:${path}`, '--judge', 'recorded'];
    expect((await cli(['run', ...again, '--report-dir', 'again'])).exitCode).toBe(1);
  }, 60_000);

  it('the same settings from a file as from flags', async () => {
    const run = await cli(['run', '--config', 'nowhere.yml']);
    expect([run.exitCode, run.stderr]).toEqual([3, expect.stringContaining('nowhere.yml')]);
  }, 60_000);

  it('nothing but the report on stdout with --json, whatever happens', async () => {
    const good = await cli([...replay('benign'), '--json']);
    expect(JSON.parse(good.stdout)).toMatchObject({ verdict: 'pass' });
    expect(good.stderr).toContain('Report files');
    const wrong = await cli(['run', '--candidate', 'a', '--json']);
    expect([wrong.exitCode, JSON.parse(wrong.stdout)]).toEqual([
      3,
      expect.objectContaining({ verdict: 'inconclusive' }),
    ]);
    const unreachable = await cli([...live('tuned-bad', '--json'), '--base-url', 'http://127.0.0.1:1/v1']);
    expect([unreachable.exitCode, JSON.parse(unreachable.stdout)]).toEqual([
      2,
      expect.objectContaining({ verdict: 'inconclusive' }),
    ]);
  }, 60_000);

  it('no colours and no control characters in a pipe, nor with NO_COLOR where colours were forced', async () => {
    const colours = (text: string) => text.includes('\u001b[');
    expect(colours((await cli(replay('benign'))).stdout)).toBe(false);
    expect(colours((await cli(replay('benign'), { env: { FORCE_COLOR: '1' } })).stdout)).toBe(true);
    expect(colours((await cli(replay('benign'), { env: { FORCE_COLOR: '1', NO_COLOR: '1' } })).stdout)).toBe(false);
  }, 60_000);

  it('the verdict’s exit code and no complaint when the reader of stdout has gone', async () => {
    for (const [candidate, exitCode] of [
      ['benign', 0],
      ['misaligned', 1],
    ] as const) {
      const run = await cli(replay(candidate), { unread: true });
      expect([run.exitCode, run.stderr]).toEqual([exitCode, expect.not.stringMatching(/EPIPE|\n\s+at /)]);
    }
  }, 60_000);
});

describe('Ctrl-C', () => {
  it('midway: reports what was sampled, exit code 2', async () => {
    const interrupt: CliOptions['onStart'] = (child) => {
      const timer = setInterval(() => {
        // Some 270 of them test the judge.
        if (models.requests.length < 450) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 20);
    };
    const run = await cli(live('tuned-good'), { onStart: interrupt });
    expect([run.exitCode, run.stdout]).toEqual([2, expect.stringContaining('INCONCLUSIVE')]);
    const report = parseReport(await onDisk('report.json'), 'report.json');
    expect(report.reasons).toEqual([expect.objectContaining({ code: 'run.cancelled' })]);
    expect((await onDisk('answers.jsonl')).split('\n').length).toBeGreaterThan(10);
  }, 60_000);

  it('before the first answer: says that it was cancelled, exit code 2', async () => {
    await models.stop();
    models = await MockOpenAI.start({ silent: true });
    const interrupt: CliOptions['onStart'] = (child) => {
      const timer = setInterval(() => {
        if (models.requests.length === 0) return;
        clearInterval(timer);
        child.kill('SIGINT');
      }, 20);
    };
    const run = await cli(live('tuned-good'), { onStart: interrupt });
    expect([run.exitCode, run.stdout, run.stderr]).toEqual([
      2,
      '',
      expect.stringMatching(/^error: The run was cancelled/m),
    ]);
  }, 60_000);
});
