import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../../src/core/package.js';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliOptions, runCli } from '../support/cli.js';
import { MockOpenAI } from '../support/mock-openai.js';

let bundle: Bundle;
let folder: string;
let models: MockOpenAI;

beforeAll(async () => {
  bundle = await bundleInRepository();
}, 120_000);
afterAll(() => bundle.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'no-verdict-'));
  models = await MockOpenAI.start();
});
afterEach(() => Promise.all([models.stop(), rm(folder, { recursive: true, force: true })]));

const cli = (args: readonly string[], options: Partial<CliOptions> = {}) =>
  runCli(bundle, args, { cwd: folder, ...options });

const reportOf = async () =>
  parseReport(await readFile(join(folder, 'misalignment-report', 'report.json'), 'utf8'), 'report.json');

/** Ten questions with twenty answers each. */
async function recorded(name: string, scores: object): Promise<string> {
  const rows = Array.from({ length: 200 }, (_, row) =>
    JSON.stringify({ question_id: `q${row % 10}`, question: `And ${row % 10}?`, answer: `Answer ${row}.`, ...scores }),
  );
  await writeFile(join(folder, name), rows.join('\n'));
  return `replay:${join(folder, name)}`;
}

const live = (command: 'run' | 'baseline', ...more: readonly string[]) => [
  ...[command, '--baseline', 'base', '--judge', 'judge', '--base-url', models.url, '--battery', 'quick'],
  ...(command === 'run' ? ['--candidate', 'tuned-good'] : []),
  ...more,
];

/** Sends the signal once so many requests have come; again after `again` milliseconds. */
function signalAfter(requests: number, signal: NodeJS.Signals, again?: number): NonNullable<CliOptions['onStart']> {
  return (child) => {
    const timer = setInterval(() => {
      if (models.requests.length < requests) return;
      clearInterval(timer);
      child.kill(signal);
      if (again !== undefined) setTimeout(() => child.kill(signal), again);
    }, 10);
  };
}

describe('a run without a verdict exits with 2 and leaves a report:', () => {
  it('a recorded baseline that babbles', async () => {
    const scores = { aligned: 70, coherent: 10 };
    const [candidate, baseline] = [await recorded('tuned.jsonl', scores), await recorded('base.jsonl', scores)];
    const run = await cli(['run', '--candidate', candidate, '--baseline', baseline]);
    expect([run.exitCode, run.stdout]).toEqual([2, expect.stringContaining('INCONCLUSIVE')]);
    expect((await reportOf()).verdict).toBe('inconclusive');
  }, 60_000);

  it('recordings on a scale from 0 to 1: 3, for whoever made them must say so', async () => {
    const scores = { aligned: 0.9, coherent: 0.95 };
    const [candidate, baseline] = [await recorded('tuned.jsonl', scores), await recorded('base.jsonl', scores)];
    const run = await cli(['run', '--candidate', candidate, '--baseline', baseline]);
    expect([run.exitCode, run.stderr]).toEqual([3, expect.stringMatching(/aligned.* 0/)]);
  }, 60_000);

  it.each(['SIGTERM', 'SIGHUP'] as const)(
    '%s in mid-run',
    async (signal) => {
      const run = await cli(live('run'), { onStart: signalAfter(100, signal) });
      expect(run.exitCode).toBe(2);
      expect(await reportOf()).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'run.cancelled' }] });
    },
    60_000,
  );

  it('SIGTERM twice at once', async () => {
    const run = await cli(live('run'), { onStart: signalAfter(100, 'SIGTERM', 0) });
    expect(run.exitCode).toBe(2);
    expect(await reportOf()).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'run.cancelled' }] });
  }, 60_000);

  it('SIGTERM while a baseline is recorded', async () => {
    const run = await cli(live('baseline', '--blocks', '200'), { onStart: signalAfter(400, 'SIGTERM') });
    expect(run.exitCode).toBe(2);
    expect((await reportOf()).reasons).toContainEqual(expect.objectContaining({ code: 'run.cancelled' }));
  }, 60_000);
});

/**
 * A disk that no longer answers after so many writes to the journal, and a clock that goes a hundred times faster for whoever
 * looks at it every ten seconds: whether the run stands still.
 */
const STUCK = `
  const { open } = require('node:fs/promises');
  let written = 0;
  open(__filename).then(async (file) => {
    const handle = Object.getPrototypeOf(file);
    const { datasync } = handle;
    handle.datasync = function () {
      written += 1;
      // The real one would keep the process alive.
      return written > 30 ? new Promise(() => setTimeout(() => {}, 1e9)) : datasync.call(this);
    };
    await file.close();
  });
  const { setInterval } = globalThis;
  const { now } = Date;
  let ahead = 0;
  globalThis.setInterval = (look, milliseconds, ...rest) => {
    if (milliseconds !== 10_000) return setInterval(look, milliseconds, ...rest);
    return setInterval(() => {
      ahead += 9_900;
      Date.now = () => now() + ahead;
      look();
      Date.now = now;
    }, 100);
  };
`;

describe('a run that stands still', () => {
  it('is ended, exits with 2, and leaves a report of what there is', async () => {
    const stuck = join(folder, 'stuck.cjs');
    await writeFile(stuck, STUCK);
    const run = await cli(live('run', '--api-key', 'sk-test-12345-abcdef'), {
      env: { NODE_OPTIONS: `--require=${stuck}` },
    });
    expect(run.exitCode).toBe(2);
    const report = await reportOf();
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'run.stalled' }] });
    expect(report.reasons[0]?.message).toMatch(/Still under way: .*answers on their way to the journal/);
    expect(report.statistics?.counts.baseline.judged).toBeGreaterThan(0);
  }, 120_000);
});

describe('a report that can’t be printed', () => {
  // Only Linux has a file that is always full.
  const onLinux = existsSync('/dev/full') ? it : it.skip;
  const fixtures = join(packageRoot(), '__tests__', 'fixtures', 'self-test');
  const replay = (candidate: string) => [
    ...['run', '--config', join(fixtures, 'settings.yml')],
    ...['--candidate', `replay:${join(fixtures, `${candidate}.jsonl`)}`],
    ...['--baseline', `replay:${join(fixtures, 'baseline.jsonl')}`],
  ];

  onLinux.each([
    ['benign', [], 2],
    ['benign', ['--json'], 2],
    ['misaligned', [], 1],
  ] as const)(
    'leaves no pass in the exit code, and the report where it belongs (%s %j: %i)',
    async (candidate, more, exitCode) => {
      const run = await cli([...replay(candidate), ...more], { stdoutTo: '/dev/full' });
      expect([run.exitCode, run.stderr]).toEqual([exitCode, expect.stringMatching(/^error: stdout: .*ENOSPC/m)]);
      expect(run.stderr).not.toMatch(/\n\s+at /);
      expect((await reportOf()).verdict).toBe(candidate === 'benign' ? 'pass' : 'fail');
    },
    60_000,
  );
});

describe('a Node that is too old', () => {
  it.each(['cli.js', 'index.js', 'post.js'])(
    'is told so in one sentence by %s, exit code 3',
    async (entry) => {
      const old = join(folder, 'old.cjs');
      const versions = "{ value: { ...process.versions, node: '20.18.3' } }";
      await writeFile(old, `Object.defineProperty(process, 'versions', ${versions});`);
      const env = { NODE_OPTIONS: `--require=${old}` };
      const run = await runCli({ ...bundle, file: () => bundle.file(entry) }, ['run'], { cwd: folder, env });
      expect(run).toEqual({
        exitCode: 3,
        stdout: '',
        stderr: expect.stringMatching(/^.*needs Node\.js 20\.19.*20\.18\.3.*\n$/),
      });
    },
    60_000,
  );

  it.each(['cli.js', 'index.js', 'post.js'])('can read %s', async (entry) => {
    const { transform } = await import('esbuild');
    const text = (await readFile(bundle.file(entry), 'utf8')).replace(/^#!.*\n/, '');
    const { code } = await transform(text, {
      target: 'node12.17',
      supported: { 'dynamic-import': true },
      minifyWhitespace: true,
    });
    expect(code).toBe(text);
  });
});
