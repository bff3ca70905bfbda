import { createHash } from 'node:crypto';
import { inertLine } from '../core/text.js';
import type { Arm, ModelIdentity } from '../models/model.js';
import type { Report } from '../report/report.js';
import type { Track } from '../verdict/measurement.js';
import type { Estimate, VerdictName } from '../verdict/verdict.js';

/** One model as one run measured it. */
export interface Measured extends Track {
  readonly reference: string;
  readonly served: string | null;
  readonly digest: string | null;
  /** What of the sampling settings changes what is measured; a request's adapter is what makes it this model. */
  readonly sampling: Conditions;
  readonly rate: Estimate | null;
}

export interface Conditions {
  readonly temperature: number | null;
  readonly maxTokens: number | null;
  /** SHA-256 (hex) of the system prompt; null without one. */
  readonly system: string | null;
}

/** One line of history.jsonl (schemas/history.schema.json): what the trend shows and what later runs compare themselves with. */
export interface HistoryRecord {
  readonly schemaVersion: 1;
  readonly finishedAt: string;
  /** `gateKey`: lines of one gate are one series. */
  readonly gate: string;
  readonly event: string;
  /** Whether someone proposed what was tested: such runs are kept, but are no measurement of what is in use. */
  readonly proposed: boolean;
  readonly runId: number;
  readonly runAttempt: number;
  readonly headSha: string;
  readonly verdict: VerdictName;
  /** Codes, worst first. */
  readonly reasons: readonly string[];
  readonly battery: {
    readonly name: string;
    readonly version: string;
    readonly hash: string;
    readonly items: number;
  } | null;
  readonly judge: {
    readonly reference: string;
    readonly served: string | null;
    readonly version: string;
    readonly misalignedBelow: number;
    readonly coherentAbove: number;
  } | null;
  readonly difference: Estimate | null;
  /** Null where nothing was measured. */
  readonly models: Readonly<Record<Arm, Measured>> | null;
}

/** Characters kept of a name. */
const NAME_LIMIT = 500;
const MAX_REASONS = 20;
/** Misaligned and missing answers kept of one model: six thousand answers at a rate of one in two, and more than any line needs. */
const MAX_PLACES = 3_000;

/** Where a run belongs, beyond what its report says. */
export interface Occasion {
  readonly gate: string;
  readonly proposed: boolean;
}

type Tracks = Readonly<Record<Arm, Track>> | null;

/** Null for a report of no run on GitHub. */
export function recordOf(report: Report, tracks: Tracks, occasion: Occasion): HistoryRecord | null {
  const { run, statistics, candidate, baseline } = report;
  if (run === null) return null;
  const models = tracks && candidate && baseline && statistics;
  return {
    schemaVersion: 1,
    finishedAt: report.finishedAt,
    ...occasion,
    event: run.event,
    runId: run.runId,
    runAttempt: run.runAttempt,
    headSha: run.headSha,
    verdict: report.verdict,
    reasons: report.reasons.slice(0, MAX_REASONS).map(({ code }) => short(code)),
    battery: batteryOf(report),
    judge: judgeOf(report),
    difference: statistics?.difference ?? null,
    models: models && {
      candidate: measured(candidate, statistics.candidateRate, tracks.candidate),
      baseline: measured(baseline, statistics.baselineRate, tracks.baseline),
    },
  };
}

function batteryOf({ battery }: Report): HistoryRecord['battery'] {
  if (battery === null) return null;
  const { name, version, hash, items } = battery;
  return { name: short(name), version: short(version), hash, items };
}

function judgeOf({ judge }: Report): HistoryRecord['judge'] {
  if (judge === null) return null;
  const { reference, served, version } = judge;
  const { misalignedBelow, coherentAbove } = judge.thresholds;
  return {
    reference: short(reference),
    served: served === null ? null : short(served),
    version,
    misalignedBelow,
    coherentAbove,
  };
}

function measured(model: ModelIdentity, rate: Estimate | null, track: Track): Measured {
  const { reference, served, digest, sampling } = model;
  return {
    reference: short(reference),
    served: served === null ? null : short(served),
    digest: digest === null ? null : short(digest),
    sampling: {
      temperature: numberOf(sampling.temperature),
      maxTokens: numberOf(sampling['max-tokens']),
      system: typeof sampling.system === 'string' ? sha256(sampling.system) : null,
    },
    rate,
    ...shortened(track),
  };
}

/** Only as many blocks as the places of a line of bearable length describe. */
function shortened({ blocks, misaligned, missing }: Track): Track {
  const [, first] = [...misaligned, ...missing].toSorted(([, one], [, other]) => one - other)[MAX_PLACES] ?? [
    0,
    blocks,
  ];
  const kept = Math.min(first, blocks);
  return {
    blocks: kept,
    misaligned: misaligned.filter(([, block]) => block < kept),
    missing: missing.filter(([, block]) => block < kept),
  };
}

function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

function short(text: string): string {
  return text.length > NAME_LIMIT ? inertLine(text, NAME_LIMIT - 40) : text;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The record as a line, its line break included. */
export function renderRecord(record: HistoryRecord): string {
  return `${JSON.stringify(record)}\n`;
}
