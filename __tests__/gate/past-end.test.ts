import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import type { Settings } from '../../src/config/settings.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { runGate } from '../../src/gate.js';
import { writeReportFiles } from '../../src/output/report-dir.js';
import type { Report } from '../../src/report/report.js';
import { recordBaseline } from '../../src/runs/record-baseline.js';
import { MockOpenAI, type MockOptions } from '../e2e/support/mock-openai.js';
import { untested } from '../support/small-gate.js';

// Over HTTP, and a server that is gone is tried several times.
jest.setTimeout(120_000);

const RECORDED_BLOCKS = 3;
const FREE = { input: 0, output: 0 };
const PORTS = { log: silentLogger, clock: systemClock, run: null, notes: [] };

let folder: string;
let models: MockOpenAI;
let base: MockOpenAI;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'past-end-'));
  models = await MockOpenAI.start();
  base = await MockOpenAI.start({ models: { base: 'benign' }, key: 'sk-base-12345' });
});
afterEach(() => Promise.all([models.stop(), base.stop(), rm(folder, { recursive: true, force: true })]));

function settingsOf(values: Record<string, string>): Settings {
  const common = {
    judge: 'judge',
    battery: 'quick',
    'base-url': models.url,
    'api-key': 'sk-test-12345',
    resume: 'false',
  };
  return resolveSettings({
    given: { source: 'flag', values: { ...common, 'baseline-api-key': 'sk-base-12345', ...values } },
    file: { text: untested(''), path: 'settings.yml', where: 'checkout', trusted: true },
    environment: {},
    fileWins: false,
  });
}

async function record(blocks = RECORDED_BLOCKS): Promise<void> {
  const reportDir = join(folder, 'recorded');
  const flags = { candidate: 'tuned-good', baseline: 'base', 'baseline-base-url': base.url, 'report-dir': reportDir };
  const { report, error } = await recordBaseline(settingsOf(flags), blocks, PORTS);
  if (error) throw error;
  await writeReportFiles(reportDir, report);
}

async function compare(candidate: string, flags: Record<string, string>): Promise<Report> {
  const baseline = `report:${join(folder, 'recorded', 'report.json')}`;
  const settings = settingsOf({ candidate, baseline, 'report-dir': join(folder, 'report'), ...flags });
  const { report, error } = await runGate({ ...settings, prices: { [candidate]: FREE, judge: FREE } }, PORTS);
  if (error) throw error;
  return report;
}

const asked = (server: MockOpenAI) => server.requests.filter((line) => line.startsWith('POST')).length;

/** In place of the baseline's server. */
async function instead(options: MockOptions): Promise<void> {
  await base.stop();
  base = await MockOpenAI.start(options);
}

describe('past the end of a recorded baseline', () => {
  it('its model is asked where it is served, judged by this run, and the report tells the two apart', async () => {
    await record();
    const before = asked(base);
    const report = await compare('tuned-good', { 'baseline-base-url': base.url });
    expect(report.verdict).toBe('pass');
    expect(asked(base)).toBeGreaterThan(before);
    expect([...base.keys]).toEqual(['Bearer sk-base-12345']);
    const [, recorded, drawn] =
      /(\d+) baseline answers from .*; (\d+) drawn now past its end/.exec(report.notes.join()) ?? [];
    expect(Number(recorded)).toBe(16 * RECORDED_BLOCKS);
    expect(report.statistics?.counts.baseline.answers).toBeLessThanOrEqual(Number(recorded) + Number(drawn));
    // Nobody has named a price for it.
    expect(report.usage.costUsd).toBeNull();
  });

  it('nobody is asked for a fail that the recording is long enough for', async () => {
    await record(12);
    const before = base.requests.length;
    const report = await compare('tuned-bad', { 'baseline-base-url': base.url });
    expect(report.verdict).toBe('fail');
    expect(base.requests).toHaveLength(before);
    expect(report.usage.costUsd).toBe(0);
    expect(report.notes.join()).toContain('Baseline not re-checked, recorded on');
  });

  it.each<[string, MockOptions | null, string]>([
    ['the server is gone', null, 'nothing listens there'],
    [
      'another model answers',
      { models: { base: 'benign' }, servedAs: { base: 'base-v2' } },
      '"base" there, "base-v2" here',
    ],
    ['the model is not served', { models: { 'tuned-good': 'benign' } }, 'base'],
    ['the key is refused', { models: { base: 'benign' }, key: 'sk-other' }, 'baseline-api-key'],
    ['the model is another under its name', { models: { base: 'misaligned' } }, 'not what it was when it was stored'],
  ])('where %s the verdict stays open, and the reason says so', async (_, options, cause) => {
    await record();
    const { url } = base;
    if (options) await instead(options);
    else await base.stop();
    const report = await compare('tuned-good', { 'baseline-base-url': options ? base.url : url });
    if (!options) base = await MockOpenAI.start();
    expect(report.verdict).toBe('inconclusive');
    expect(report.reasons[0]).toMatchObject({ code: 'baseline-used-up', message: expect.stringContaining(cause) });
    expect(report.statistics?.counts.candidate.answers).toBeGreaterThanOrEqual(16 * RECORDED_BLOCKS);
  });

  it('a limit on spend keeps it from being asked: it has no price', async () => {
    await record();
    const before = base.requests.length;
    const settings = settingsOf({
      ...{ candidate: 'tuned-good', baseline: `report:${join(folder, 'recorded', 'report.json')}` },
      ...{ 'report-dir': join(folder, 'report'), 'baseline-base-url': base.url },
    });
    const limited = { ...settings, maxCostUsd: 1, prices: { 'tuned-good': FREE, judge: FREE } };
    const { report } = await runGate(limited, PORTS);
    expect(report.reasons[0]).toMatchObject({
      code: 'baseline-used-up',
      message: expect.stringContaining('max-cost-usd'),
    });
    expect(base.requests).toHaveLength(before);
  });
});
