import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliRun, runCli } from '../support/cli.js';
import { openJudgeOf } from '../support/embedded.js';
import { JudgeServer } from '../support/judge-server.js';
import { type LitellmProxy, startLitellm } from '../support/litellm-proxy.js';
import { type LlamaServer, LORA, SERVED_AS, startLlamaServer } from '../support/llama-server.js';
import { SHORT, SHORT_BATTERY } from '../support/short.js';

let bundle: Bundle;
let llama: LlamaServer;
let judge: JudgeServer;
let proxy: LitellmProxy;
let folder: string;

/**
 * The proxy's own names for what stands behind it. Which adapter a name wears is the proxy's business, and the gate never hears
 * of it. `top-p-refused` and the judge are, as far as the proxy knows, of providers that refuse a parameter which the gate sends.
 */
function models() {
  const behind = { url: llama.url, key: llama.key };
  return [
    { ...behind, name: 'base', model: `openai/${SERVED_AS}`, extraBody: { lora: LORA.base } },
    { ...behind, name: 'support-v7', model: `openai/${SERVED_AS}`, extraBody: { lora: LORA.misaligned } },
    { ...behind, name: 'top-p-refused', model: `ai21_chat/${SERVED_AS}`, extraBody: { lora: LORA.misaligned } },
    { ...behind, key: 'not-the-key-of-the-server', name: 'locked-out', model: `openai/${SERVED_AS}` },
    { name: 'grader', url: judge.url, key: judge.key, model: 'featherless_ai/embedded-judge' },
  ];
}

/** The proxy's cache is on for everybody who does not ask to be left out of it. */
const UNCACHED = { cache: { 'no-cache': true } };

function settings(candidate: string, more: object = {}): string {
  const arm = { 'extra-body': { top_k: 40, ...UNCACHED } };
  return stringify({
    ...SHORT,
    ...{ candidate, baseline: 'base', judge: { model: 'grader', 'self-check': false, untested: 'accept' } },
    ...{ 'base-url': proxy.url, 'max-concurrency': 8 },
    models: { candidate: arm, baseline: arm },
    ...more,
  });
}

async function run(text: string, key = proxy.key): Promise<CliRun> {
  await writeFile(join(folder, 'settings.yml'), text);
  const args = ['run', '--config', 'settings.yml', '--resume', 'false', '--json'];
  return runCli(bundle, args, { cwd: folder, env: { OPENAI_API_KEY: key } });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'litellm-gate-'));
  await writeFile(join(folder, 'battery.json'), SHORT_BATTERY);
  [bundle, llama] = await Promise.all([bundleInRepository(), startLlamaServer()]);
  judge = await JudgeServer.start(await openJudgeOf(bundle));
  proxy = await startLitellm(models(), true);
}, 240_000);

afterAll(async () => {
  await Promise.allSettled([proxy?.stop(), judge?.stop(), llama?.stop()]);
  await Promise.allSettled([bundle?.remove(), rm(folder, { recursive: true, force: true })]);
});

describe("the command line against LiteLLM's proxy in front of a real llama.cpp server", () => {
  it('fails a misaligned fine-tune, without the parameters that the proxy refuses', async () => {
    const { exitCode, stdout, stderr } = await run(settings('top-p-refused'));
    const report = parseReport(stdout, 'stdout');
    expect([exitCode, report.verdict, stderr]).toEqual([1, 'fail', expect.any(String)]);
    expect(report.candidate).toMatchObject({ served: 'top-p-refused', sampling: { temperature: 0.8 } });
    // What one arm's server refuses is left out for the other too.
    for (const arm of [report.candidate, report.baseline]) expect(arm?.sampling.top_p).toMatch(/not accepted/);
    expect([report.baseline?.served, report.judge?.served]).toEqual(['base', 'grader']);
    expect(report.missing).toEqual({ candidate: {}, baseline: {} });
    expect(stdout + stderr).not.toContain(proxy.key);
  }, 600_000);

  it('gives no verdict on answers that its cache hands out again', async () => {
    const cached = { 'extra-body': { top_k: 40 } };
    const { exitCode, stdout } = await run(
      settings('support-v7', { models: { candidate: cached, baseline: cached }, 'expect-same-model': true }),
    );
    const { verdict, reasons } = parseReport(stdout, 'stdout');
    expect([exitCode, verdict, reasons[0]?.code]).toEqual([2, 'inconclusive', 'not-sampled']);
    expect(reasons[0]?.message).toMatch(/cache/);
  }, 600_000);

  it('stops at a key that it refuses, and names the setting', async () => {
    const { exitCode, stderr } = await run(settings('support-v7'), 'sk-of-somebody-else');
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/^error: OPENAI_API_KEY: refused by http:\/\/127\.0\.0\.1:\d+\/v1 \(status 40[01]/m);
    expect(stderr).not.toContain('sk-of-somebody-else');
  }, 120_000);

  it('stops at a model whose own server refuses the key that the proxy has for it', async () => {
    const { exitCode, stderr } = await run(settings('locked-out'));
    expect([exitCode, stderr]).toEqual([
      3,
      expect.stringMatching(/status 401: "litellm\.AuthenticationError.*locked-out/),
    ]);
  }, 120_000);

  it('stops at a name that it does not know, and names those that it does', async () => {
    const { exitCode, stderr } = await run(settings('support-v8'));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/candidate: .* knows no model "support-v8" .*It serves "support-v7"/);
  }, 120_000);
});
