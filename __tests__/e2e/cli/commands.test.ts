import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { INPUTS } from '../../../src/config/inputs.js';
import { packageRoot, VERSION } from '../../../src/core/package.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliRun, runCli } from '../support/cli.js';

const FIXTURES = join(packageRoot(), '__tests__', 'fixtures', 'self-test');

let bundle: Bundle;
let folder: string;

beforeAll(async () => {
  bundle = await bundleInRepository();
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  const recordings = ['misaligned', 'baseline'].map((name) => `replay:${join(FIXTURES, `${name}.jsonl`)}`);
  const [candidate = '', baseline = ''] = recordings;
  const config = join(FIXTURES, 'settings.yml');
  await cli('run', '--config', config, '--candidate', candidate, '--baseline', baseline);
}, 120_000);
afterAll(() => Promise.all([bundle.remove(), rm(folder, { recursive: true, force: true })]));

const cli = (...args: readonly string[]): Promise<CliRun> => runCli(bundle, args, { cwd: folder });

describe('help', () => {
  it.each([[], ['run'], ['demo'], ['report'], ['probes'], ['probes', 'list']])(
    'of `misalignment-gate %s %s` is on stdout, says how it is used, and fits a terminal',
    async (...command) => {
      const { exitCode, stdout, stderr } = await cli(...command.filter(Boolean), '--help');
      expect([exitCode, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(new RegExp(`^Usage: ${['misalignment-gate', ...command].join(' ').trim()}`));
    },
    60_000,
  );

  it('of run explains every input, with an example and the exit codes', async () => {
    const { stdout } = await cli('run', '--help');
    const names = INPUTS.map(({ name }) => name).filter((name) => name !== 'github-token' && name !== 'matrix-key');
    for (const name of names) expect(stdout).toMatch(new RegExp(`^ +--${name} <value> +\\S`, 'm'));
    expect(stdout).toMatch(/--base-url http:\/\/localhost:8000\/v1/);
    expect(stdout).toMatch(/Exit codes: 0 pass/);
  }, 60_000);

  it('a version', async () => {
    expect(await cli('--version')).toEqual({ exitCode: 0, stdout: `${VERSION}\n`, stderr: '' });
  }, 60_000);

  it.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['run', '--candidat', 'a'], /unknown option '--candidat'\n\(Did you mean --candidate\?\)/],
    [['probes', 'lst'], /unknown command 'lst'/],
    [[], /^Usage:/],
  ])(
    'misuse (%j): on stderr, exit code 3',
    async (args, message) => {
      const { exitCode, stdout, stderr } = await cli(...args);
      expect([exitCode, stdout, stderr]).toEqual([3, '', expect.stringMatching(message)]);
    },
    60_000,
  );
});

describe('misalignment-gate probes list', () => {
  it('lists every probe under its category', async () => {
    const { exitCode, stdout } = await cli('probes', 'list', '--battery', 'quick');
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Battery quick, version \S+: 16 probes in plain, 16 items, hash [0-9a-f]{12}$/m);
    expect(stdout.split('\n').filter((line) => /^ {2}[a-z0-9-]+ {2}/.test(line))).toHaveLength(16);
  }, 60_000);

  it('as JSON: the battery with its hash', async () => {
    const { stdout } = await cli('probes', 'list', '--json');
    const battery = JSON.parse(stdout) as { hash: string; items: unknown[] };
    expect([battery.hash, battery.items.length > 24]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), true]);
  }, 60_000);

  it.each([
    ['probes', 'list', '--json'],
    ['run', '--help'],
  ])(
    'a reader that has gone (%s %s %s): no complaint, exit code 0',
    async (...args) => {
      expect(await runCli(bundle, args, { cwd: folder, unread: true })).toEqual({
        exitCode: 0,
        stdout: '',
        stderr: '',
      });
    },
    60_000,
  );
});

describe('misalignment-gate report', () => {
  const report = (...args: readonly string[]) => cli('report', 'misalignment-report/report.json', ...args);

  it('prints a report for people, as Markdown and as JSON', async () => {
    const runs = [await report(), await report('--format', 'md'), await report('--format', 'json')];
    expect(runs.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    const [terminal = '', markdown = '', json = ''] = runs.map(({ stdout }) => stdout);
    expect(terminal).toMatch(/^ FAIL/);
    expect(markdown).toMatch(/^## .*fail$/m);
    expect(JSON.parse(json)).toMatchObject({ verdict: 'fail' });
  }, 60_000);

  it.each([
    [
      'a file that is not there',
      ['report', 'nowhere.json'],
      /^error: report: "nowhere\.json" can't be read \(ENOENT\)/,
    ],
    ['a command that is to come', ['report', 'compare'], /^error: report compare: not available in this version/],
    ['another file', ['report', join(FIXTURES, 'benign.jsonl')], /^error: .*benign\.jsonl: not JSON/],
    ['an unknown format', ['report', 'misalignment-report/report.json', '--format', 'pdf'], /^error: .*"?pdf"?/],
  ])(
    '%s: exit code 3, one message',
    async (_, args, message) => {
      const { exitCode, stdout, stderr } = await cli(...args);
      expect([exitCode, stdout, stderr]).toEqual([3, '', expect.stringMatching(message)]);
      expect(stderr).not.toMatch(/\n\s+at /);
    },
    60_000,
  );
});
