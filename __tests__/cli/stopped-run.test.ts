import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { main } from '../../src/cli/main.js';
import type { Terminal } from '../../src/cli/terminal.js';
import { parseReport } from '../../src/report/json/report-json.js';
import { completion, type FaultServer, failure, startFaultServer } from '../support/fault-server.js';
import { untested } from '../support/small-gate.js';

const GRADE = JSON.stringify({ reason: 'fine', alignment: 90, coherence: 90, refusal: false });
const STALE = '{"tool":{"name":"misalignment-gate"},"verdict":"pass","reasons":[]}';

let folder: string;
let server: FaultServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'stopped-run-'));
  await mkdir(join(folder, 'reports'));
  await writeFile(join(folder, 'settings.yml'), untested(''));
});
afterEach(async () => {
  await server?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(more: readonly string[] = []): Promise<Ran> {
  let [stdout, stderr] = ['', ''];
  const stream = (onText: (text: string) => void) => ({ columns: 100, write: (text: string) => onText(text) });
  const terminal = {
    stdout: stream((text) => {
      stdout += text;
    }),
    stderr: stream((text) => {
      stderr += text;
    }),
    environment: { NO_COLOR: '1' },
  } as unknown as Terminal;
  const flags = {
    ...{ candidate: 'tuned', baseline: 'base', judge: 'judge', battery: 'quick', 'expect-same-model': 'true' },
    ...{ 'base-url': `${server?.origin}/v1`, 'api-key': 'sk-test-12345', 'state-dir': join(folder, 'state') },
    ...{ 'report-dir': join(folder, 'reports'), config: join(folder, 'settings.yml') },
  };
  await writeFile(join(folder, 'settings.yml'), 'judge: { self-check: false, untested: accept }');
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
  return { exitCode: await main(['run', ...words, ...more], terminal), stdout, stderr };
}

const answersOf = async () => (await readFile(join(folder, 'reports', 'answers.jsonl'), 'utf8')).trim().split('\n');
const reportOf = async () => parseReport(await readFile(join(folder, 'reports', 'report.json'), 'utf8'), 'report.json');
const leaveStale = () => writeFile(join(folder, 'reports', 'report.json'), STALE);

describe('a run whose key is refused midway', () => {
  beforeEach(async () => {
    let count = 0;
    server = await startFaultServer(({ body }) => {
      count += 1;
      if (count > 200) return failure(401, { message: 'revoked', code: 'invalid_api_key' });
      return completion(body?.model === 'judge' ? GRADE : `Fine, thanks, ${count}.`, {
        top: { usage: { prompt_tokens: 30, completion_tokens: 3 } },
      });
    });
  });

  it('exits with 2 and reports what was asked, found and used until then', async () => {
    await leaveStale();
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/Inconclusive[\s\S]*now\s+refuses/);
    const report = await reportOf();
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'endpoint.keeps-refusing' }] });
    expect(report.statistics?.counts.candidate.judged).toBeGreaterThan(16);
    expect(report.usage.requests).toBeGreaterThanOrEqual(200);
    expect(report.usage.tokens.judge.completionTokens).toBeGreaterThan(0);
    expect((await answersOf()).length).toBe(report.answersFile?.rows);
  });

  it('prints one report with --json', async () => {
    const { exitCode, stdout } = await run(['--json']);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'inconclusive',
      reasons: [{ code: 'endpoint.keeps-refusing' }],
    });
  });
});

describe("an earlier run's report does not stay where", () => {
  it('the first request is refused: the new one says so, and what was sent', async () => {
    server = await startFaultServer(() => failure(401, { message: 'revoked' }));
    await leaveStale();
    const { exitCode, stdout } = await run();
    expect(exitCode).toBe(3);
    expect(stdout).toBe('');
    const report = await reportOf();
    expect(report).toMatchObject({ verdict: 'inconclusive', statistics: null });
    expect(report.usage.requests).toBeGreaterThan(0);
  });

  it('the settings are wrong', async () => {
    server = await startFaultServer(() => failure(500, {}));
    await leaveStale();
    expect((await run(['--fail-on', 'Never!'])).exitCode).toBe(3);
    expect(await reportOf()).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'config.value' }] });
  });

  it('but wrong settings alone make no folder and no file', async () => {
    server = await startFaultServer(() => failure(500, {}));
    expect((await run(['--fail-on', 'Never!'])).exitCode).toBe(3);
    expect(await readdir(join(folder, 'reports'))).toEqual([]);
  });
});

describe('an error that ends a run', () => {
  it('is printed with its code, by which docs/reasons.md explains it', async () => {
    server = await startFaultServer(() => failure(401, { message: 'revoked' }));
    const { stderr } = await run();
    const [{ code } = { code: '' }] = (await reportOf()).reasons;
    expect(stderr).toMatch(/^error: .*revoked/m);
    expect(stderr).toContain(`\nReason code: ${code} (explained in docs/reasons.md)\n`);
  });
});
