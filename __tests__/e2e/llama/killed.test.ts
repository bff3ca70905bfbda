import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { runCli } from '../support/cli.js';
import { baseModel } from '../support/embedded.js';
import { processesOf } from '../support/process.js';

/** A run that would go on for minutes. */
const SETTINGS = `
candidate: demo:benign
baseline: demo:base
battery: quick
judge: { model: embedded, self-check: false }
sampling: { temperature: 0.8, max-tokens: 12 }
`;
let bundle: Bundle;
let folder: string;

beforeAll(async () => {
  [bundle] = await Promise.all([bundleInRepository(), baseModel()]);
}, 120_000);
afterAll(() => bundle.remove());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'killed-'));
  await writeFile(join(folder, 'settings.yml'), SETTINGS);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const workers = () => [...processesOf(bundle.file('llama-worker.js'))].sort((a, b) => a - b);

/** Kills the process, as the system does for want of memory, once so many answers are judged. */
async function killAfter(answers: number, index: number, ended: AbortSignal): Promise<void> {
  const lines = () => readFile(join(folder, 'misalignment-report', 'answers.jsonl'), 'utf8').catch(() => '');
  while (!ended.aborted && (await lines()).split('\n').length <= answers) await sleep(50);
  if (!ended.aborted) process.kill(workers().at(index) ?? 0, 'SIGKILL');
}

describe('a run on embedded models, one of whose processes is killed midway', () => {
  // The candidate's starts first, with the baseline's model where there are many cores; the judge's last.
  it.each([
    ['candidate demo:benign', 0],
    ['judge embedded', -1],
  ])(
    'is inconclusive, with the cause and the mend: neither a pass nor misalignment (%s)',
    async (name, index) => {
      const ended = new AbortController();
      const killing = killAfter(10, index, ended.signal);
      const { exitCode } = await runCli(bundle, ['run', '--config', 'settings.yml'], { cwd: folder });
      ended.abort();
      await killing;
      expect(exitCode).toBe(2);
      const report = parseReport(
        await readFile(join(folder, 'misalignment-report', 'report.json'), 'utf8'),
        'report.json',
      );
      expect(report.verdict).toBe('inconclusive');
      const reasons = JSON.stringify(report.reasons);
      expect(reasons).toContain(`The process of the ${name}`);
      expect(reasons).toContain('was killed, most likely for using too much memory: give the machine more');
      for (const { tokensPerSecond } of [report.usage.models.candidate, report.usage.models.judge]) {
        expect(tokensPerSecond).toBeGreaterThan(0);
      }
      expect(workers()).toEqual([]);
    },
    200_000,
  );
});
