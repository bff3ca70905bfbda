import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliRun, runCli } from '../support/cli.js';
import { type LlamaOptions, SERVED_AS, startLlamaServer } from '../support/llama-server.js';
import { SHORT, SHORT_BATTERY } from '../support/short.js';

/** The cookbook's "One GPU, one model at a time", with a server that is only started once it has been asked for in vain. */

let bundle: Bundle;
let folder: string;

const SETTINGS = {
  ...SHORT,
  judge: { model: 'embedded', 'self-check': false, untested: 'accept' },
  ...{ 'max-concurrency': 8, 'wait-for-endpoint': '2m' },
};
const BLOCKS = 16;

/** One more than the requests that a command sends before it says that it waits. */
const CALLS = 4;

/** Listens where no server is yet, and hangs up on whoever calls. @returns the port, and when enough have called */
async function emptyPlace(): Promise<{ port: number; asked: Promise<void> }> {
  const listener = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const asked = async () => {
    for (let calls = 0; calls < CALLS; calls += 1) await once(listener, 'connection');
    await new Promise((resolve) => listener.close(resolve));
  };
  return { port, asked: asked() };
}

/** Runs a command that asks before its server is there, starts the server then, and stops it once the command has ended. */
async function phase(args: readonly string[], served: LlamaOptions): Promise<CliRun> {
  const { port, asked } = await emptyPlace();
  const command = [...args, '--config', 'gate.yml', '--base-url', `http://127.0.0.1:${port}/v1`];
  const run = runCli(bundle, command, { cwd: folder, env: { OPENAI_API_KEY: 'served-models-key' } });
  await Promise.race([asked, run]);
  const server = await startLlamaServer({ ...served, port });
  try {
    return await run;
  } finally {
    await server.stop();
  }
}

const reportIn = async (name: string) =>
  parseReport(await readFile(join(folder, name, 'report.json'), 'utf8'), `${name}/report.json`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'two-phases-'));
  bundle = await bundleInRepository();
  await writeFile(join(folder, 'gate.yml'), stringify(SETTINGS));
  await writeFile(join(folder, 'battery.json'), SHORT_BATTERY);
}, 120_000);

afterAll(async () => {
  await Promise.allSettled([bundle?.remove(), rm(folder, { recursive: true, force: true })]);
});

describe('one GPU, one model at a time: two phases on one real llama.cpp server', () => {
  it('records the base once its server is up', async () => {
    const args = ['baseline', '--baseline', SERVED_AS, '--blocks', String(BLOCKS), '--report-dir', 'baseline-report'];
    const { exitCode, stderr } = await phase(args, { applied: [] });
    expect([exitCode, stderr]).toEqual([0, expect.stringMatching(/^wait-for-endpoint: .*can't be reached/m)]);
    expect((await reportIn('baseline-report')).baseline).toMatchObject({ reference: SERVED_AS, served: SERVED_AS });
  }, 600_000);

  it('fails the misaligned fine-tune against that recording, with the base gone', async () => {
    const args = ['run', '--candidate', 'support-v7', '--baseline', 'report:baseline-report/report.json'];
    const { exitCode, stderr } = await phase(args, { name: 'support-v7', applied: ['misaligned'] });
    const { verdict, candidate, baseline, usage } = await reportIn('misalignment-report');
    expect([exitCode, verdict, stderr]).toEqual([1, 'fail', expect.stringMatching(/^wait-for-endpoint: /m)]);
    expect(candidate).toMatchObject({ served: 'support-v7', sampling: { lora: '[{"id":0,"scale":1}]' } });
    expect(baseline).toMatchObject({ served: SERVED_AS });
    expect(usage.models.baseline.requests).toBe(0);
  }, 600_000);
});
