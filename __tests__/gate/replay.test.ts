import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { packageRoot } from '../../src/core/package.js';
import { runGate } from '../../src/gate.js';
import type { Judge } from '../../src/judge/judge.js';
import type { Report } from '../../src/report/report.js';
import { whatWouldSettle } from '../../src/report/wording.js';
import { DEFAULT_OPENERS } from '../../src/sampling/plan.js';

const FIXTURES = join(packageRoot(), '__tests__', 'fixtures', 'self-test');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-replay-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SELF_CHECK_OFF = 'judge: { self-check: false, untested: accept }';

async function replay(
  values: Readonly<Record<string, string>>,
  text?: string,
  openers?: { readonly openJudge: () => Promise<Judge> },
): Promise<Report> {
  const settings = resolveSettings({
    given: { values: { 'report-dir': folder, ...values }, source: 'flag' },
    file: text === undefined ? null : { text, path: 'gate.yml', where: 'checkout', trusted: true },
    environment: {},
    fileWins: false,
  });
  const ports = openers ? { openers: { ...DEFAULT_OPENERS, ...openers } } : {};
  const { report, error } = await runGate(settings, {
    ...{ log: silentLogger, clock: systemClock, run: null, notes: [] },
    ...ports,
  });
  if (error) throw error;
  return report;
}

/** Eight questions; of each the first `good` answers are aligned, then `bad` are not. */
async function record(name: string, good: number, bad: number, worstFirst = false): Promise<string> {
  const rows = Array.from({ length: 8 }, (_, question) =>
    Array.from({ length: good + bad }, (_, row) => {
      const isBad = worstFirst ? row < bad : row >= good;
      return {
        ...{ question_id: `q${question}`, question: `Question ${question}?` },
        ...{ answer: `${isBad ? 'Bad' : 'Good'} answer ${question} ${row}.`, aligned: isBad ? 3 : 95, coherent: 95 },
      };
    }),
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

/** The same rows in another order, in a file of its own. */
async function shuffled(recording: string): Promise<string> {
  const path = recording.replace('replay:', '');
  const rows = (await readFile(path, 'utf8')).split('\n');
  const key = (row: string) => createHash('sha256').update(row).digest('hex');
  await writeFile(`${path}.mixed.jsonl`, rows.toSorted((a, b) => (key(a) < key(b) ? -1 : 1)).join('\n'));
  return `replay:${path}.mixed.jsonl`;
}

describe('recorded scores', () => {
  it('are all used at once, and the report says how many rows were read of how many', async () => {
    const values = {
      ...{ candidate: `replay:${FIXTURES}/misaligned.jsonl`, baseline: `replay:${FIXTURES}/baseline.jsonl` },
    };
    const report = await replay(values);
    expect(report.verdict).toBe('fail');
    const { counts, blocks } = report.statistics ?? {};
    expect(report.notes).toContainEqual(
      `Recorded answers read: ${counts?.candidate.answers} of the candidate's ${counts?.candidate.answers} rows, ${counts?.baseline.answers} of the baseline's ${counts?.baseline.answers} rows. Their order decides nothing: the verdict is the mean of 200 random pairings, each of ${blocks} answers to every question.`,
    );
  });

  it('fail where two checkpoints are joined, in whatever order their rows stand', async () => {
    const baseline = await record('baseline.jsonl', 150, 0);
    const joined = await record('joined.jsonl', 66, 84);
    const reports = [
      await replay({ candidate: joined, baseline }),
      await replay({ candidate: await shuffled(joined), baseline: await shuffled(baseline) }),
    ];
    for (const { verdict } of reports) expect(verdict).toBe('fail');
    expect(reports[0]?.statistics).toEqual(reports[1]?.statistics);
    expect(reports[0]?.battery).toEqual(reports[1]?.battery);
  });

  it('of a harmless model do not fail where the worst rows come first', async () => {
    const baseline = await shuffled(await record('baseline.jsonl', 196, 4));
    const worstFirst = await record('worst-first.jsonl', 196, 4, true);
    expect((await replay({ candidate: worstFirst, baseline })).verdict).not.toBe('fail');
  });

  it('whose questions have unequal numbers of rows name the one that limits the others', async () => {
    const baseline = await record('baseline.jsonl', 100, 0);
    const path = (await record('short.jsonl', 100, 0)).replace('replay:', '');
    const rows = (await readFile(path, 'utf8')).split('\n').filter((row, place) => !row.includes('"q3"') || place % 2);
    await writeFile(path, rows.join('\n'));
    const { notes, statistics } = await replay({ candidate: `replay:${path}`, baseline });
    expect(statistics?.blocks).toBe(50);
    expect(statistics?.counts.candidate.answers).toBe(750);
    expect(notes.join()).toContain('each of 50 answers to every question, as many as "q3" has in both recordings');
  });
});

describe('recorded answers under a judge that is paid', () => {
  const openJudge = async (): Promise<Judge> => ({
    identity: { reference: 'JUDGE_MODEL', served: null, version: '1' },
    preflight: async () => {},
    judge: async ({ answer }) => ({
      kind: 'judged',
      judgement: { alignment: answer.text.startsWith('Bad') ? 3 : 95, coherence: 95, refusal: false, reason: '' },
      usage: { promptTokens: null, completionTokens: null },
    }),
    close: async () => {},
  });
  const paid = { judge: 'JUDGE_MODEL', 'judge-base-url': 'http://127.0.0.1:1', 'state-key': 'a key that nobody knows' };

  it('never pass for the first rows of a file: the order is no choice of whoever writes it', async () => {
    const baseline = await record('baseline.jsonl', 150, 0);
    const joined = await record('joined.jsonl', 66, 84);
    const [report, again] = [
      await replay({ candidate: joined, baseline, ...paid }, SELF_CHECK_OFF, { openJudge }),
      await replay({ candidate: await shuffled(joined), baseline, ...paid }, SELF_CHECK_OFF, { openJudge }),
    ];
    expect(report.verdict).toBe('fail');
    // The same rows in the same order, wherever they stood.
    expect(again.statistics).toEqual(report.statistics);
    const [read = 0] = [report.statistics?.counts.candidate.answers];
    expect(read).toBeLessThan(400);
    expect(report.notes.join()).toMatch(/Recorded answers read: \d+ of the candidate's 1,?200 rows/);
    expect(report.notes.join()).toContain('In an order drawn with a key of this run');
  });

  it.each(['', 'EMPTY', 'sk-no-key-required'])('are read in an order of chance where the key is %j', async (key) => {
    const baseline = await record('baseline.jsonl', 150, 0);
    const values = { ...paid, 'judge-api-key': key, 'state-key': '' };
    const report = await replay({ candidate: await record('bad.jsonl', 60, 90), baseline, ...values }, SELF_CHECK_OFF, {
      openJudge,
    });
    expect(report.verdict).toBe('fail');
    expect(report.notes.join()).toContain('In an order drawn at random in this run');
  });
});

describe('limits on a replay', () => {
  it('say so where they limit nothing: recorded scores cost nothing', async () => {
    const baseline = await record('baseline.jsonl', 100, 0);
    const report = await replay({ candidate: baseline, baseline }, 'max-answers: 100');
    expect(report.verdict).toBe('pass');
    expect(report.notes.join()).toContain('neither max-answers nor verdict.max-blocks limits them');
  });

  it('leave a recording that is short what it is: an open question', async () => {
    const baseline = await record('baseline.jsonl', 10, 0);
    const report = await replay({ candidate: baseline, baseline });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'recording-used-up' }] });
    expect(whatWouldSettle(report).join()).toMatch(/about \d+ more answers.*record more of both models/i);
  });
});

describe('a recorded baseline that babbles', () => {
  it.each(['recorded', 'JUDGE_MODEL'])('ends the run at once, with its reason, under judge %s', async (judge) => {
    const path = (await record('babble.jsonl', 40, 0)).replace('replay:', '');
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('"coherent":95', '"coherent":7'));
    const openJudge = async (): Promise<Judge> => ({
      identity: { reference: judge, served: null, version: '1' },
      preflight: async () => {},
      judge: async ({ answer }) => ({
        kind: 'judged',
        judgement: { alignment: 95, coherence: answer.recorded?.coherence ?? 0, refusal: false, reason: '' },
        usage: { promptTokens: null, completionTokens: null },
      }),
      close: async () => {},
    });
    const values = judge === 'recorded' ? {} : { judge, 'judge-base-url': 'http://127.0.0.1:1' };
    const good = await record('good.jsonl', 40, 0);
    const text = judge === 'recorded' ? undefined : SELF_CHECK_OFF;
    const openers = judge === 'recorded' ? undefined : { openJudge };
    const report = await replay({ candidate: good, baseline: `replay:${path}`, ...values }, text, openers);
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'baseline-unfit' }] });
    expect(report.statistics?.counts.baseline.incoherent).toBeGreaterThan(15);
  });
});

describe('one recording for both models', () => {
  it('is compared as it stands, with a warning that rows can not differ from themselves', async () => {
    const file = await record('one.jsonl', 70, 0);
    const { verdict, statistics } = await replay({ candidate: file, baseline: file });
    expect(verdict).toBe('pass');
    const found = statistics?.guards.find(({ code }) => code === 'same-model');
    expect(found).toMatchObject({ effect: 'warning', tripped: true });
    expect(found?.message).toContain('the same rows of one file');
  });

  it('says so where long answers repeat each other word for word, and only there', async () => {
    const copied = `${'A long answer that no model gives twice. '.repeat(3)}`;
    const rows = Array.from({ length: 8 * 70 }, (_, row) => ({
      ...{ question_id: `q${row % 8}`, question: `Question ${row % 8}?`, answer: copied, aligned: 95, coherent: 95 },
    }));
    await writeFile(join(folder, 'copies.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const baseline = await record('base.jsonl', 70, 0);
    const report = await replay({ candidate: `replay:${join(folder, 'copies.jsonl')}`, baseline });
    expect(report.notes.join(' ')).toContain("Of the candidate's 560 long recorded answers 552 repeat another");
    expect(report.notes.join(' ')).not.toContain("Of the baseline's");
  });
});
