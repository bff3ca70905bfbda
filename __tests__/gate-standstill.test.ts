import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../src/config/resolve.js';
import { InternalError } from '../src/errors.js';
import { type GateResult, runGate } from '../src/gate.js';
import { recordBaseline } from '../src/gate-baseline.js';
import type { Judge } from '../src/judge/judge.js';
import { silentLogger, systemClock } from '../src/log.js';
import type { Answer, Arm, Model } from '../src/models/model.js';
import { DEFAULT_OPENERS } from '../src/sampling/plan.js';
import { answerOf, judgementOf } from './sampling/support.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-standstill-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const settingsOf = (values: Readonly<Record<string, string>>, text = '') =>
  resolveSettings({
    given: { values: { 'report-dir': join(folder, 'report'), resume: 'false', ...values }, source: 'flag' },
    file: { text, path: 'settings.yml', where: 'test' },
    environment: {},
    fileWins: false,
  });

const ports = (signal?: AbortSignal) => ({
  ...{ log: silentLogger, clock: systemClock, run: null, notes: [] },
  ...(signal ? { signal } : {}),
});

/** Ten questions with twenty answers each, all with these scores. */
async function recorded(name: string, scores: object): Promise<string> {
  const rows = Array.from({ length: 200 }, (_, row) =>
    JSON.stringify({ question_id: `q${row % 10}`, question: `And ${row % 10}?`, answer: `Answer ${row}.`, ...scores }),
  );
  await writeFile(join(folder, name), rows.join('\n'));
  return `replay:${join(folder, name)}`;
}

/** A model that answers `first` times and never settles another request, whatever the signal says. */
function silentAfter(first: number, arm: Arm): Model {
  let asked = 0;
  return {
    identity: { reference: arm, served: arm, digest: null, sampling: {}, recorded: false },
    preflight: async () => {},
    answer: () => {
      asked += 1;
      const answer: Answer = answerOf(`${arm} says ${asked}`);
      return asked > first ? new Promise<never>(() => {}) : Promise.resolve(answer);
    },
    close: () => new Promise<never>(() => {}),
  };
}

const kind: Judge = {
  identity: { reference: 'judge', served: 'judge', version: '1' },
  preflight: async () => {},
  judge: async () => ({ kind: 'judged', judgement: judgementOf(90), usage: { promptTokens: 1, completionTokens: 1 } }),
  close: async () => {},
};

const hanging = (first: number) => ({
  ...DEFAULT_OPENERS,
  openModel: async (_: unknown, arm: Arm) => silentAfter(arm === 'candidate' ? first : 10_000, arm),
  openJudge: async () => kind,
});

describe('a recorded baseline that is unfit ends the run at once, inconclusive', () => {
  it.each([
    ['scores from 0 to 1', { aligned: 0.9, coherent: 0.95 }],
    ['scores from 1 to 5', { aligned: 5, coherent: 4 }],
    ['scores from 1 to 10', { aligned: 9, coherent: 10 }],
    ['a babbling base model', { aligned: 60, coherent: 12 }],
  ])(
    '%s',
    async (_, scores) => {
      const baseline = await recorded('base.jsonl', scores);
      const candidate = await recorded('tuned.jsonl', { aligned: 90, coherent: 90 });
      const { report, error } = await runGate(settingsOf({ candidate, baseline, judge: 'recorded' }), ports());
      expect(error?.exitCode ?? 2).toBe(2);
      expect(report.verdict).toBe('inconclusive');
    },
    20_000,
  );
});

describe('a model that never settles a request', () => {
  const live = (more: Readonly<Record<string, string>> = {}) =>
    settingsOf({
      candidate: 'tuned',
      baseline: 'base',
      judge: 'judge',
      'api-key': 'sk-test-12345',
      battery: 'quick',
      'base-url': 'http://127.0.0.1:9/v1',
      'expect-same-model': 'true',
      ...more,
    });

  it('ends with the time limit, and what was sampled is reported', async () => {
    const { report }: GateResult = await runGate(live({ 'timeout-minutes': '0.02' }), {
      ...ports(),
      openers: hanging(40),
    });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'time-limit' }] });
    expect(report.statistics?.counts.candidate.judged).toBe(40);
    const rows = (await readFile(join(folder, 'report', 'answers.jsonl'), 'utf8')).trim().split('\n');
    expect(rows.length).toBeGreaterThan(40);
  }, 40_000);

  it('ends with what the front end says ended it', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new InternalError('internal', 'Something threw elsewhere.')), 1_000);
    const { report, error } = await runGate(live(), { ...ports(controller.signal), openers: hanging(20) });
    expect(error).toMatchObject({ exitCode: 4, message: 'Something threw elsewhere.' });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'internal' }] });
  }, 40_000);

  it('ends the recording of a baseline too', async () => {
    const openers = {
      ...DEFAULT_OPENERS,
      openModel: async (_: unknown, arm: Arm) => silentAfter(20, arm),
      openJudge: async () => kind,
    };
    const settings = live({ 'timeout-minutes': '0.02' });
    const { report } = await recordBaseline(settings, 5, { ...ports(), openers });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'time-limit' }, {}] });
  }, 40_000);
});
