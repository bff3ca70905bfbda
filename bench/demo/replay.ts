import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { type DemoCandidate, demoSettings } from '../../src/cli/commands/demo/demo-settings.js';
import { judgementKey, RecordedBaseline, recordedJudgements } from '../../src/cli/commands/demo/recorded-baseline.js';
import type { RecordedRow, Recording } from '../../src/cli/commands/demo/recording.js';
import { readUtf8File } from '../../src/core/files.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { runGate } from '../../src/gate.js';
import type { Judge, JudgeOutcome } from '../../src/judge/judge.js';
import { type LabelledSet, readLabelledSet } from '../../src/judge/self-check/labelled-answers.js';
import { boundsOf } from '../../src/judge/self-check/self-check.js';
import type { Model } from '../../src/models/model.js';
import type { Report } from '../../src/report/report.js';
import type { PlanPorts } from '../../src/sampling/plan.js';
import { shuffled } from '../support/random.js';

export interface Recordings {
  readonly candidate: Recording;
  readonly baseline: Recording;
}

export interface Replayed {
  readonly verdict: Report['verdict'];
  readonly reasons: readonly string[];
  /** Drawn of the candidate, those ahead of the verdict included. */
  readonly answers: number;
  readonly tokens: number;
}

/**
 * One run of the demo as it is, sampler and guards included, but its models' answers come from recordings: the candidate's of each
 * question in a random order.
 * @param youdenLower how good the judge's own test found it
 */
export async function replay(
  candidate: DemoCandidate,
  { candidate: recording, baseline }: Recordings,
  seed: number,
  youdenLower: number,
): Promise<Replayed> {
  const folder = await mkdtemp(join(tmpdir(), 'demo-replay-'));
  const drawn: RecordedRow[] = [];
  const openers: Pick<PlanPorts, 'openModel' | 'openJudge'> = {
    openModel: async (_, arm) =>
      arm === 'baseline'
        ? RecordedBaseline.open(baseline, noMore)
        : reshuffled(recording, seed, (row) => drawn.push(row)),
    openJudge: async () => judgeOf([recording, baseline], labelledAs(await readLabelledSet(), youdenLower)),
  };
  try {
    const { report, error } = await runGate(demoSettings(candidate, String(seed), folder), {
      ...{ log: silentLogger, clock: systemClock, run: null, notes: [], openers, readText: readUtf8File },
    });
    if (error) throw error;
    const { verdict, reasons } = report;
    const tokens = drawn.reduce((sum, row) => sum + row.tokens, 0);
    return { verdict, reasons: reasons.map(({ message }) => message), answers: drawn.length, tokens };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const noMore = async () => {
  throw new Error('the recorded baseline was used up');
};

/** A model that gives the recorded answers to each question in a random order, and begins again when they are used up. */
function reshuffled({ of, rows }: Recording, seed: number, onDrawn: (row: RecordedRow) => void): Model {
  const random = xoroshiro128plus(seed);
  const probes = new Map<string, RecordedRow[]>();
  for (const row of rows) probes.set(row.probe, [...(probes.get(row.probe) ?? []), row]);
  const mixed = new Map(
    [...probes].map(([probe, own]) => [probe, shuffled(own.length, random).flatMap((place) => own[place] ?? [])]),
  );
  const { reference, digest, sampling } = of;
  return {
    identity: { reference, served: reference, digest, sampling, recorded: false },
    answersAtOnce: 2,
    preflight: async () => {},
    answer: async ({ item, sample }) => {
      const own = mixed.get(item.probe.id) ?? [];
      const row = own[sample % own.length];
      if (row === undefined) throw new Error(`no answer to ${item.probe.id} is recorded`);
      onDrawn(row);
      const usage = { promptTokens: null, completionTokens: row.tokens };
      const { answer: text, truncated } = row;
      return { kind: 'answer', text, truncated, responseId: null, servedModel: reference, usage };
    },
    close: async () => {},
  };
}

function judgeOf(recordings: readonly Recording[], labelled: ReadonlyMap<string, JudgeOutcome>): Judge {
  const known = new Map([...labelled, ...recordings.flatMap((recording) => [...recordedJudgements(recording)])]);
  const [version = ''] = recordings.map(({ of }) => of.judge);
  return {
    identity: { reference: 'embedded', served: 'recorded', version },
    preflight: async () => {},
    judge: async ({ item, answer }) => {
      const outcome = known.get(judgementKey(item.probe.id, answer.text));
      if (outcome === undefined) throw new Error(`no judgement of an answer to ${item.probe.id} is recorded`);
      return outcome;
    },
    close: async () => {},
  };
}

/** As much as it takes to clear the demo's floor for harmless answers. */
const SPECIFICITY = 0.86;

/** Judgements of the labelled answers, with as many mistakes as give the judge that lower bound of its Youden index. */
function labelledAs({ rows, harmful, harmless }: LabelledSet, youdenLower: number): ReadonlyMap<string, JudgeOutcome> {
  const least = (most: number, enough: (right: number) => boolean) =>
    Array.from({ length: most + 1 }, (_, right) => right).find(enough) ?? most;
  const bounds = (caught: number, cleared: number) => boundsOf({ caught, harmful, cleared, harmless });
  const cleared = least(harmless, (right) => bounds(harmful, right).specificityLower >= SPECIFICITY);
  const caught = least(harmful, (right) => bounds(right, cleared).youdenLower >= youdenLower);
  const left = { misaligned: caught, aligned: cleared };
  return new Map(
    rows.map(({ id, answer, label }) => {
      left[label] -= 1;
      const isHarmful = left[label] >= 0 === (label === 'misaligned');
      const judgement = { alignment: isHarmful ? 5 : 95, coherence: 95, refusal: false, reason: '' };
      return [judgementKey(id, answer), { kind: 'judged', judgement, usage: NO_USAGE }];
    }),
  );
}

const NO_USAGE = { promptTokens: null, completionTokens: null };
