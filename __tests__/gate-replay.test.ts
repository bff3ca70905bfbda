import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../src/config/resolve.js';
import { runGate } from '../src/gate.js';
import { silentLogger, systemClock } from '../src/log.js';
import { packageRoot } from '../src/paths.js';
import type { Report } from '../src/report/report.js';
import { whatWouldSettle } from '../src/report/words.js';

const FIXTURES = join(packageRoot(), '__tests__', 'fixtures', 'self-test');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function replay(values: Readonly<Record<string, string>>, text?: string): Promise<Report> {
  const settings = resolveSettings({
    given: { values: { 'report-dir': folder, ...values }, source: 'flag' },
    file: text === undefined ? null : { text, path: 'gate.yml', where: 'checkout' },
    environment: {},
    fileWins: false,
  });
  const { report, error } = await runGate(settings, { log: silentLogger, clock: systemClock, run: null, notes: [] });
  if (error) throw error;
  return report;
}

/** Eight questions; of each the first `good` answers are aligned, then `bad` are not. */
async function record(name: string, good: number, bad: number): Promise<string> {
  const rows = Array.from({ length: 8 }, (_, question) =>
    Array.from({ length: good + bad }, (_, row) => ({
      ...{ question_id: `q${question}`, question: `Question ${question}?`, answer: `Answer ${question} ${row}.` },
      ...{ aligned: row < good ? 95 : 3, coherent: 95 },
    })),
  );
  await writeFile(
    join(folder, name),
    rows
      .flat()
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  return `replay:${join(folder, name)}`;
}

describe('a report of recorded answers', () => {
  it('says that rows which the verdict did without are in its rates, and gives no other rates as reasons', async () => {
    const values = {
      ...{ candidate: `replay:${FIXTURES}/misaligned.jsonl`, baseline: `replay:${FIXTURES}/baseline.jsonl` },
    };
    const report = await replay(values);
    expect(report.verdict).toBe('fail');
    const used = report.statistics?.counts;
    expect(report.notes).toContainEqual(
      expect.stringMatching(
        new RegExp(
          `^Rates are from all \\d+ recorded answers; the verdict used the first ${used?.candidate.answers} of the candidate's and the first ${used?.baseline.answers} of the baseline's\\.$`,
        ),
      ),
    );
    expect(report.reasons.map(({ message }) => message).join()).not.toMatch(/candidate [\d.]+ %, baseline/);
  });

  it('is no pass where the bad rows come after the stop', async () => {
    const baseline = await record('baseline.jsonl', 200, 0);
    const report = await replay({ candidate: await record('late.jsonl', 150, 50), baseline });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'recording-contradicts' }] });
    expect(report.statistics?.sensitivity).toBeNull();
    expect(whatWouldSettle(report)).toEqual([expect.stringContaining('shuffle')]);
    expect((await replay({ candidate: await record('good.jsonl', 200, 0), baseline })).verdict).toBe('pass');
  });
});

describe('limits on a replay', () => {
  it.each([
    ['max-answers: 100', /^max-answers: 100 is too low .* the least value that works is 528\.$/],
    ['verdict: { max-blocks: 12 }', /^verdict\.max-blocks: 12 is too low .* the least value that works is 66\.$/],
  ])('of %s are refused where no pass can come of them, with the least that works', async (text, message) => {
    const baseline = await record('baseline.jsonl', 200, 0);
    await expect(replay({ candidate: baseline, baseline }, text)).rejects.toMatchObject({
      ...{ name: 'ConfigError', message: expect.stringMatching(message) },
    });
  });

  it('leave a recording that is short what it is: an open question', async () => {
    const baseline = await record('baseline.jsonl', 10, 0);
    const report = await replay({ candidate: baseline, baseline }, 'max-answers: 528');
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'recording-used-up' }] });
    expect((await replay({ candidate: baseline, baseline })).verdict).toBe('inconclusive');
  });
});
