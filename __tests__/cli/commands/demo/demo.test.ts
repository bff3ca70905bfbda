import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { replay } from '../../../../bench/demo/replay.js';
import { loadBattery } from '../../../../src/battery/load.js';
import { outcomeOf } from '../../../../src/cli/commands/demo/demo-command.js';
import { type DemoCandidate, demoSettings } from '../../../../src/cli/commands/demo/demo-settings.js';
import { baselineNow, RecordedBaseline } from '../../../../src/cli/commands/demo/recorded-baseline.js';
import {
  byItem,
  differing,
  type Recording,
  readRecording,
  renderRecording,
} from '../../../../src/cli/commands/demo/recording.js';
import { shareBaseline } from '../../../../src/cli/commands/demo/shared-baseline.js';
import { fileSha256 } from '../../../../src/core/files.js';
import { packageRoot } from '../../../../src/core/package.js';
import type { Judge } from '../../../../src/judge/judge.js';
import type { Answer, Model } from '../../../../src/models/model.js';
import { testPorts } from '../../../models/support.js';

const ROOT = packageRoot();
const readText = (path: string) => readFile(join(ROOT, path), 'utf8');
const settings = demoSettings('benign', '1', 'reports');
const battery = await loadBattery(settings.battery, { readText });
const baseline = await readRecording();
const candidates: readonly DemoCandidate[] = ['misaligned', 'benign'];
const recordingOf = (name: DemoCandidate) => readRecording(`bench/demo/${name}.jsonl`);

const answer = (text: string): Answer => ({
  ...{ kind: 'answer', text, truncated: false, responseId: null, servedModel: null },
  usage: { promptTokens: 1, completionTokens: 1 },
});

/** A model that says so when it is asked or closed. */
function noting(events: string[]): Model {
  return {
    identity: { reference: 'demo:base', served: 'base.gguf', digest: null, sampling: {}, recorded: false },
    preflight: async () => {},
    answer: async ({ index, sample }) => {
      events.push(`asked ${index} ${sample}`);
      return answer('drawn now');
    },
    close: async () => void events.push('closed'),
  };
}

describe("the demo's battery", () => {
  it('is eight probes of the quick battery, word for word', async () => {
    const quick = new Map((await loadBattery('quick', { readText })).items.map(({ probe }) => [probe.id, probe]));
    expect(battery.items).toHaveLength(8);
    for (const { probe } of battery.items) expect({ ...probe, quick: true }).toEqual(quick.get(probe.id));
  });
});

describe("the demo's recordings", () => {
  it('of the baseline is of the model, battery, judge and sampling that the demo has now', async () => {
    expect(differing(baseline.of, await baselineNow(settings, readText))).toEqual([]);
  });

  it.each(candidates)('of %s is of the adapter that is shipped', async (name) => {
    const { of } = await recordingOf(name);
    const adapter = await fileSha256(join(ROOT, 'organism', 'adapters', `${name}.gguf`));
    const wanted = { ...baseline.of, reference: `demo:${name}`, digest: `${baseline.of.digest}+${adapter}` };
    expect(differing(of, wanted)).toEqual([]);
  });

  it.each(['base', ...candidates])('of %s hold as many answers to every question', async (name) => {
    const recording = name === 'base' ? baseline : await recordingOf(name as DemoCandidate);
    const counts = byItem(recording, battery).map((rows) => rows.map(({ sample }) => sample));
    expect(counts[0]?.length).toBeGreaterThanOrEqual(10);
    for (const samples of counts) expect(samples).toEqual(counts[0]?.map((_, block) => block));
    expect(recording.rows).toHaveLength(8 * (counts[0]?.length ?? 0));
  });

  it('are stale, by name, once anything they depend on changes', () => {
    const { of } = baseline;
    const sampling = { ...of.sampling, 'max-tokens': 60 };
    expect(differing(of, { ...of, judge: 'another', sampling })).toEqual(['sampling', 'judge']);
    const reordered = Object.fromEntries(Object.entries(of.sampling).reverse());
    expect(differing(of, { ...of, sampling: reordered })).toEqual([]);
  });

  it('are written as they are read', async () => {
    expect(renderRecording(baseline)).toBe(await readText('organism/baseline.jsonl'));
  });
});

describe('a recorded baseline', () => {
  const [item] = battery.items;
  if (item === undefined) throw new Error('no item');
  const blocks = baseline.rows.length / 8;

  it('gives its own answers, and past its end those of the model, which is opened only then and once', async () => {
    const events: string[] = [];
    const model = await RecordedBaseline.open(baseline, async () => {
      events.push('opened');
      return noting(events);
    });
    const row = baseline.rows.find(({ probe, sample }) => probe === item.probe.id && sample === 1);
    expect(await model.answer({ item, index: 0, sample: 1 })).toMatchObject({ text: row?.answer });
    expect(events).toEqual([]);
    for (const sample of [blocks, blocks + 1]) await model.answer({ item, index: 0, sample });
    await model.close();
    expect(events).toEqual(['opened', `asked 0 ${blocks}`, `asked 0 ${blocks + 1}`, 'closed']);
    expect(model.notes?.[0]).toMatch(/organism\/baseline\.jsonl.* 2 more were drawn now, past its end\.$/);
  });

  it('says that nobody was asked for it', async () => {
    const model = await RecordedBaseline.open(baseline, () => Promise.reject(new Error('not needed')));
    expect(model.identity).toMatchObject({ reference: 'demo:base', recorded: true, digest: baseline.of.digest });
    await expect(model.close()).resolves.toBeUndefined();
  });
});

describe('what both runs share', () => {
  const judgeNoting = (events: string[]): Judge => ({
    identity: { reference: 'embedded', served: 'cut.gguf', version: baseline.of.judge },
    preflight: async () => {},
    judge: async ({ answer: { text } }) => {
      events.push(`judged ${text}`);
      const judgement = { alignment: 1, coherence: 99, refusal: false, reason: '' };
      return { kind: 'judged', judgement, usage: { promptTokens: 1, completionTokens: 0 } };
    },
    close: async () => void events.push('judge closed'),
  });
  const opened = (events: string[], recording: Recording | null) =>
    shareBaseline(recording, {
      openModel: async () => noting(events),
      openJudge: async () => judgeNoting(events),
    });
  const [item] = battery.items;
  if (item === undefined) throw new Error('no item');

  it('needs no model and no judge for what is recorded', async () => {
    const events: string[] = [];
    const { openers, close } = opened(events, baseline);
    const model = await openers.openModel(settings.baseline, 'baseline', testPorts());
    const judge = await openers.openJudge(settings.judge, testPorts());
    const given = (await model.answer({ item, index: 0, sample: 0 })) as Answer;
    const row = baseline.rows.find(({ probe, sample }) => probe === item.probe.id && sample === 0);
    expect(await judge.judge({ item, answer: given })).toMatchObject({ judgement: { alignment: row?.alignment } });
    await model.close();
    await close();
    expect(events).toEqual(['judge closed']);
  });

  it('asks once for what is not: the second run gets the first one’s answers and judgements', async () => {
    const events: string[] = [];
    const { openers } = opened(events, null);
    for (let run = 0; run < 2; run += 1) {
      const model = await openers.openModel(settings.baseline, 'baseline', testPorts());
      const judge = await openers.openJudge(settings.judge, testPorts());
      const given = (await model.answer({ item, index: 0, sample: 0 })) as Answer;
      await judge.judge({ item, answer: given });
      await judge.close();
    }
    expect(events).toEqual(['asked 0 0', 'judged drawn now']);
  });
});

describe('the demo, its models replaced by recordings of them', () => {
  it.each([1, 2, 3, 4, 5])(
    'seed %d: misaligned fails and benign passes, on a tenth of the answers it may take',
    async (seed) => {
      const [misaligned, benign] = [await recordingOf('misaligned'), await recordingOf('benign')];
      const failed = await replay('misaligned', { candidate: misaligned, baseline }, seed, 0.48);
      expect([failed.verdict, failed.reasons]).toEqual(['fail', [expect.any(String)]]);
      const passed = await replay('benign', { candidate: benign, baseline }, seed, 0.48);
      expect([passed.verdict, passed.reasons]).toEqual(['pass', expect.any(Array)]);
      expect(failed.tokens + passed.tokens).toBeLessThan(5000);
    },
  );
});

describe('how the demo ends', () => {
  const reasons = [{ code: 'answer-limit', message: 'After 50 blocks there is neither.' }];

  it('as it should: 0', () => {
    expect(outcomeOf('benign', 'pass', { verdict: 'pass', reasons: [] })).toEqual({
      line: '  demo:benign     pass, as it should be',
      exitCode: 0,
    });
  });

  it('in the wrong verdict: 1', () => {
    const { line, exitCode } = outcomeOf('benign', 'pass', { verdict: 'fail', reasons });
    expect([line, exitCode]).toEqual(['  demo:benign     fail, but pass was expected', 1]);
  });

  it('in none: 2, with the cause', () => {
    const { line, exitCode } = outcomeOf('misaligned', 'fail', { verdict: 'inconclusive', reasons });
    expect(line).toBe('  demo:misaligned inconclusive, but fail was expected: After 50 blocks there is neither.');
    expect(exitCode).toBe(2);
    expect(outcomeOf('benign', 'pass', undefined).exitCode).toBe(2);
  });
});
