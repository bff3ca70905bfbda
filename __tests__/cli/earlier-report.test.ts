import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { main } from '../../src/cli/main.js';
import { writeReportFiles } from '../../src/output/report-dir.js';
import type { Report } from '../../src/report/report.js';
import { BY_VERDICT } from '../report/samples.js';
import { completion, type FaultServer, failure, type Reply, startFaultServer } from '../support/fault-server.js';

const GRADE = completion(JSON.stringify({ reason: 'fine', alignment: 90, coherence: 90, refusal: false }));

let folder: string;
let reports: string;
let server: FaultServer | null = null;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earlier-report-'));
  reports = join(folder, 'reports');
});
afterEach(async () => {
  await server?.close();
  server = null;
  await rm(folder, { recursive: true, force: true });
});

/** Two harmless models and a judge; from one request on something else instead. */
async function serve(from: number, instead: Reply, onRequest = () => {}): Promise<string> {
  let count = 0;
  server = await startFaultServer(({ method, body }) => {
    if (method !== 'POST') return { status: 404, body: {} };
    count += 1;
    onRequest();
    if (count >= from) return instead;
    return body?.model === 'judge' ? GRADE : completion(`Fine, thanks, ${count}.`, { top: { id: `r-${count}` } });
  });
  return `${server.origin}/v1`;
}

const run = (...flags: readonly string[]) => command('run', ...flags);

async function command(name: 'run' | 'baseline', ...flags: readonly string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const terminal = { stdout, stderr, environment: {} } as unknown as Parameters<typeof main>[1];
  const config = join(folder, 'gate.yml');
  await writeFile(config, `report-dir: ${reports}\nresume: false\nexpect-same-model: true\n`);
  const exitCode = await main([name, '--config', config, ...flags], terminal);
  const text = (stream: PassThrough) => String(stream.read() ?? '');
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}

const models = (url: string) => [
  ...['--candidate', 'tuned', '--baseline', 'base', '--judge', 'judge', '--battery', 'quick'],
  ...['--base-url', url, '--api-key', 'sk-test'],
];

async function report(): Promise<Report> {
  return JSON.parse(await readFile(join(reports, 'report.json'), 'utf8')) as Report;
}

const markdown = () => readFile(join(reports, 'report.md'), 'utf8');

describe("an earlier run's pass in report-dir", () => {
  beforeEach(() => writeReportFiles(reports, BY_VERDICT.pass));

  it.each<readonly [string, () => Promise<readonly string[]>, string]>([
    ['a model that is unknown', async () => models(await serve(1, failure(404, { message: 'no such' }))), 'endpoint'],
    ['a battery that is not there', async () => [...models('http://127.0.0.1:9/v1'), '--battery', 'x.yml'], 'battery'],
    ['a setting that is none', async () => [...models('http://127.0.0.1:9/v1'), '--fail-on', 'Never!'], 'config'],
    ['no candidate', async () => [], 'config'],
    ['no key', async () => models('https://api.openai.com/v1').slice(0, -2), 'config.missing-secrets'],
  ])('does not outlive a run that is stopped by %s', async (_, flags, code) => {
    const { exitCode } = await run(...(await flags()));
    expect(exitCode).toBe(3);
    const { verdict, reasons } = await report();
    expect([verdict, reasons[0]?.code.startsWith(code)]).toEqual(['inconclusive', true]);
    expect(await markdown()).toMatch(/inconclusive/);
  });

  it('that this run was to read is left as it is', async () => {
    const before = await report();
    const baseline = `report:${join(reports, 'report.json')}`;
    const flags = ['--candidate', 'tuned', '--judge', 'judge', '--baseline', baseline];
    for (const more of [
      ['--base-url', 'http://127.0.0.1:9/v1', '--api-key', 'x'],
      ['--fail-on', 'Never!'],
    ]) {
      const { exitCode } = await run(...flags, ...more);
      expect(exitCode).toBe(3);
      expect(await report()).toEqual(before);
    }
  });
});

it('a run that is killed leaves no earlier pass behind: until its end a report says that it goes on', async () => {
  await writeReportFiles(reports, BY_VERDICT.pass);
  const meanwhile: Report[] = [];
  const url = await serve(1, failure(401, { message: 'revoked' }), () => {
    meanwhile.push(JSON.parse(readFileSync(join(reports, 'report.json'), 'utf8')));
  });
  await run(...models(url));
  expect(meanwhile[0]).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'run.unfinished' }] });
  expect(await report()).toMatchObject({ reasons: [{ code: 'endpoint.key-refused' }] });
});

it('an earlier recording stays where a new one comes to nothing', async () => {
  const text = JSON.stringify({ tool: { name: 'misalignment-gate' }, reasons: [{ code: 'baseline-recorded' }] });
  await writeReportFiles(reports, BY_VERDICT.pass);
  await writeFile(join(reports, 'report.json'), text);
  const url = await serve(1, failure(401, { message: 'revoked' }));
  const flags = ['--baseline', 'base', '--judge', 'judge', '--base-url', url, '--api-key', 'sk-test'];
  const { exitCode } = await command('baseline', ...flags);
  expect(exitCode).toBe(3);
  expect(await readFile(join(reports, 'report.json'), 'utf8')).toBe(text);
});

describe('a usage error', () => {
  it.each<readonly [string, string]>([
    [
      'a recorded baseline',
      JSON.stringify({ tool: { name: 'misalignment-gate' }, reasons: [{ code: 'baseline-recorded' }] }),
    ],
    ["another program's report", '{"tests": 4}'],
  ])('leaves %s alone', async (_, text) => {
    await writeReportFiles(reports, BY_VERDICT.pass);
    await writeFile(join(reports, 'report.json'), text);
    await run('--fail-on', 'Never!');
    expect(await readFile(join(reports, 'report.json'), 'utf8')).toBe(text);
  });
});
