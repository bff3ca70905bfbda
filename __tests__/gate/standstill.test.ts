import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { InternalError } from '../../src/core/errors.js';
import { GRACE_MS } from '../../src/core/grace.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { type GateResult, runGate } from '../../src/gate.js';
import type { Judge } from '../../src/judge/judge.js';
import type { Answer, Arm, Model } from '../../src/models/model.js';
import { recordBaseline } from '../../src/runs/record-baseline.js';
import { DEFAULT_OPENERS } from '../../src/sampling/plan.js';
import { answerOf, judgementOf } from '../sampling/support.js';
import { ofLabelled } from '../support/labelled-judge.js';

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

/** A good judge, which says this of whatever it is not tested on. */
const saying = (alignment: number, coherence: number): Judge => ({
  identity: { reference: 'judge', served: 'judge', version: '1' },
  preflight: async () => {},
  judge: async ({ item, answer }) => {
    const scores = ofLabelled(item.messages.at(-1)?.content ?? '', answer.text) ?? { alignment, coherence };
    const judgement = judgementOf(scores.alignment, { coherence: scores.coherence });
    return { kind: 'judged', judgement, usage: { promptTokens: 1, completionTokens: 1 } };
  },
  close: async () => {},
});

const hanging = (first: number) => ({
  ...DEFAULT_OPENERS,
  openModel: async (_: unknown, arm: Arm) => silentAfter(arm === 'candidate' ? first : 10_000, arm),
  openJudge: async () => saying(90, 90),
});

describe('a recorded baseline that is unfit ends the run at once, inconclusive', () => {
  const UNFIT = [
    ['scores from 0 to 1', { aligned: 0.9, coherent: 0.95 }],
    ['scores from 1 to 5', { aligned: 5, coherent: 4 }],
    ['scores from 1 to 10', { aligned: 9, coherent: 10 }],
    ['a babbling base model', { aligned: 60, coherent: 12 }],
  ] as const;

  const recordings = async (scores: object) => ({
    candidate: await recorded('tuned.jsonl', { aligned: 90, coherent: 90 }),
    baseline: await recorded('base.jsonl', scores),
  });

  it.each(UNFIT)('%s, said to be right as they stand', async (_, scores) => {
    const settings = settingsOf({ ...(await recordings(scores)), judge: 'recorded' }, 'judge: { scale: 0-100 }');
    const { report, error } = await runGate(settings, ports());
    expect(error).toBeNull();
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'baseline-unfit' }] });
  });

  it.each(UNFIT)('%s, given by a live judge', async (_, { aligned, coherent }) => {
    const openers = { ...DEFAULT_OPENERS, openJudge: async () => saying(aligned, coherent) };
    const settings = settingsOf({ ...(await recordings({})), judge: 'judge', 'api-key': 'sk-test-12345' });
    const begun = performance.now();
    const { report, error } = await runGate(settings, { ...ports(), openers });
    // Nothing had to be left behind.
    expect(performance.now() - begun).toBeLessThan(GRACE_MS);
    expect(error).toBeNull();
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'baseline-unfit' }] });
  });

  it.each(UNFIT.slice(0, 3))('%s: as a scale that the settings have to name', async (_, scores) => {
    const { report, error } = await runGate(settingsOf({ ...(await recordings(scores)), judge: 'recorded' }), ports());
    expect(error).toMatchObject({ code: 'recording.scale', exitCode: 3 });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'recording.scale' }] });
  });
});

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

describe('a model that never settles a request', () => {
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
      openJudge: async () => saying(90, 90),
    };
    const settings = live({ 'timeout-minutes': '0.02' });
    const { report } = await recordBaseline(settings, 5, { ...ports(), openers });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'time-limit' }, {}] });
  }, 40_000);
});

describe('a run in which nothing happens any more, and nothing is waited for', () => {
  /** Time goes by for the clock and for what looks at it again and again; the run itself goes on as ever. */
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'setTimeout'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });
  const later = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  /** Half an hour goes by, once the run has come so far that it can go no further. */
  async function standing<T>(run: Promise<T>, isStill: () => boolean): Promise<T> {
    while (!isStill()) await later(20);
    await later(500);
    jest.advanceTimersByTime(30 * 60_000);
    return run;
  }

  const closing = (model: Model): Model => ({ ...model, close: async () => {} });
  const stalled = (what: RegExp) => ({ code: 'run.stalled', message: expect.stringMatching(what) });

  it('ends inconclusive, with what it had and what was under way', async () => {
    let asked = 0;
    const silent = silentAfter(40, 'candidate');
    const candidate = closing({
      ...silent,
      answer: (request) => {
        asked += 1;
        return silent.answer(request);
      },
    });
    const openModel = async (_: unknown, arm: Arm) =>
      arm === 'candidate' ? candidate : closing(silentAfter(1e6, arm));
    const openers = { ...hanging(0), openModel };
    const { report, error } = await standing(runGate(live(), { ...ports(), openers }), () => asked > 40);
    expect(error).toBeNull();
    expect(report.verdict).toBe('inconclusive');
    expect(report.reasons).toEqual([stalled(/for 5 minutes .* Still under way: .*answers of the candidate \(\d+\)/)]);
    expect(report.statistics?.counts.candidate.judged).toBe(40);
  }, 60_000);

  it('ends before its first answer too', async () => {
    let asked = false;
    const mute = (model: Model): Model => ({
      ...closing(model),
      preflight: () => {
        asked = true;
        return new Promise<never>(() => {});
      },
    });
    const openers = { ...hanging(0), openModel: async (_: unknown, arm: Arm) => mute(silentAfter(0, arm)) };
    const { report, error } = await standing(runGate(live(), { ...ports(), openers }), () => asked);
    expect(error).toMatchObject({ exitCode: 2, ...stalled(/Still under way: the preflight\./) });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'run.stalled' }] });
  }, 60_000);

  it('ends the recording of a baseline, and one whose judge says no more', async () => {
    let judged = 0;
    const good = saying(90, 90);
    const judge: Judge = {
      ...good,
      judge: (request) => {
        judged += 1;
        return judged > 300 ? new Promise<never>(() => {}) : good.judge(request);
      },
    };
    const openModel = async (_: unknown, arm: Arm) => closing(silentAfter(1e6, arm));
    const openers = { ...DEFAULT_OPENERS, openModel, openJudge: async () => judge };
    const run = recordBaseline(live(), 20, { ...ports(), openers });
    const { report, error } = await standing(run, () => judged > 300);
    expect(error).toBeNull();
    expect(report.verdict).toBe('inconclusive');
    expect(report.reasons[0]).toEqual(stalled(/judgements \(\d+\)/));
  }, 60_000);

  it('is not what a model that is being loaded makes of it: that has until the time limit', async () => {
    let opening = false;
    const openers = {
      ...hanging(0),
      openModel: () => {
        opening = true;
        return new Promise<never>(() => {});
      },
    };
    const settings = live({ 'timeout-minutes': '0.05' });
    const { report, error } = await standing(runGate(settings, { ...ports(), openers }), () => opening);
    expect(error).toMatchObject({ code: 'time-limit', exitCode: 2 });
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'time-limit' }] });
  }, 60_000);
});
