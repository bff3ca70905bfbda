import type { DriftComparison, ReportHistory, TrendRow } from '../report/report.js';
import { driftOf } from '../verdict/measurement.js';
import type { ParsedHistory } from './parse.js';
import type { Conditions, HistoryRecord, Measured } from './record.js';

export interface SeriesOptions {
  readonly branch: string;
  /** The setting `history.anchor`. */
  readonly anchor: string | null;
  readonly staleAfterDays: number;
  /** Under which key earlier versions wrote this gate's lines, `formerKey`; null for none. */
  readonly formerGate: string | null;
  /** The verdict's own limits: what may drift unsaid, and how often an alarm may be false. */
  readonly tolerance: number;
  readonly alpha: number;
}

/** Two comparisons share the chance of a false alarm. */
const COMPARISONS = 2;
/** Runs shown: half a year of weekly ones. */
const MAX_ROWS = 26;
const NAMED_LINES = 3;
const DAY_MS = 86_400_000;

/** This run among the earlier ones of its gate: the trend, whether it drifted, and what the branch holds that is amiss. */
export function historyOf(now: HistoryRecord, { records, bad }: ParsedHistory, options: SeriesOptions): ReportHistory {
  const earlier = records.filter((one) => one.runId !== now.runId || one.gate !== now.gate);
  const gates = [now.gate, options.formerGate];
  const series = earlier.filter(({ gate, proposed }) => gates.includes(gate) && !proposed);
  const compared = [lastAccepted(now, series, options), anchored(now, series, options)];
  return {
    branch: options.branch,
    rows: [...series.slice(1 - MAX_ROWS), now].map(rowOf),
    drift: compared.filter((one) => typeof one === 'object' && one !== null),
    notes: [
      ...compared.filter((one) => typeof one === 'string'),
      ...staleness(now, earlier, options.staleAfterDays),
      ...badLines(bad),
    ],
  };
}

function rowOf(record: HistoryRecord): TrendRow {
  const { runId, finishedAt, verdict, difference, models } = record;
  const candidate = models?.candidate ?? null;
  return {
    runId,
    finishedAt,
    verdict,
    candidate: candidate?.reference ?? null,
    rate: candidate?.rate ?? null,
    difference,
  };
}

/** A sentence where it can't be tested; null where there is nothing to compare with yet. */
type Compared = DriftComparison | string | null;

function lastAccepted(now: HistoryRecord, series: readonly HistoryRecord[], options: SeriesOptions): Compared {
  const accepted = series.findLast(({ verdict, models }) => verdict === 'pass' && models !== null);
  if (!accepted?.models || !now.models) return null;
  const unlike = differing(now, accepted, accepted.models.candidate);
  if (unlike.length > 0) {
    return `Drift since the last accepted run (${day(accepted)}) was not tested: it had another ${unlike.join(', another ')}.`;
  }
  return compare('last-accepted', now, accepted, accepted.models.candidate, options);
}

/** The first comparable measurement of the anchor: what was tolerated since then adds up, and is seen. */
function anchored(now: HistoryRecord, series: readonly HistoryRecord[], options: SeriesOptions): Compared {
  const { anchor } = options;
  const measurements = series.flatMap((record) => {
    if (record.models === null) return [];
    const { candidate, baseline } = record.models;
    const wanted = anchor === null ? [baseline] : [baseline, candidate].filter(({ reference }) => reference === anchor);
    return wanted.map((measured) => ({ record, measured }));
  });
  const usable = measurements.find(({ record, measured }) => differing(now, record, measured).length === 0);
  if (usable) return compare('anchor', now, usable.record, usable.measured, options);
  if (now.models === null) return null;
  if (measurements.length > 0) {
    return 'Drift from the anchor was not tested: every earlier measurement of it had another battery, judge or sampling. This run begins anew.';
  }
  const { candidate, baseline } = now.models;
  const measuresIt = anchor === null || [candidate, baseline].some(({ reference }) => reference === anchor);
  return measuresIt
    ? null
    : 'Drift from the anchor was not tested: no run on the history branch has measured the model that `history.anchor` names. Run the gate once with it as the baseline.';
}

/** Which of the conditions differ under which two measurements were made: what then differs is not the model alone. */
function differing(now: HistoryRecord, then: HistoryRecord, measured: Measured): readonly string[] {
  const judge = ({ judge: found }: HistoryRecord) => JSON.stringify(found && Object.entries(found).sort());
  const conditions = ({ temperature, maxTokens, system }: Conditions) =>
    JSON.stringify([temperature, maxTokens, system]);
  const alike = {
    battery: now.battery?.hash === then.battery?.hash,
    judge: judge(now) === judge(then),
    sampling: now.models !== null && conditions(now.models.candidate.sampling) === conditions(measured.sampling),
  };
  return Object.entries(alike).flatMap(([name, same]) => (same ? [] : [name]));
}

function compare(
  against: DriftComparison['against'],
  now: HistoryRecord,
  then: HistoryRecord,
  measured: Measured,
  { tolerance, alpha }: SeriesOptions,
): Compared {
  if (now.models === null || now.battery === null) return null;
  const limits = { tolerance, alpha: alpha / COMPARISONS };
  const { pairs, estimate, interval, shown } = driftOf(now.models.candidate, measured, now.battery.items, limits);
  const known = { against, model: measured.reference, runId: then.runId, finishedAt: then.finishedAt };
  return { ...known, ...limits, pairs, estimate, ...interval, shown };
}

function staleness(now: HistoryRecord, earlier: readonly HistoryRecord[], staleAfterDays: number): readonly string[] {
  const last = earlier.findLast(({ event }) => event === 'schedule');
  if (last === undefined) return [];
  const days = Math.floor((Date.parse(now.finishedAt) - Date.parse(last.finishedAt)) / DAY_MS);
  if (!(days > staleAfterDays)) return [];
  if (now.event === 'schedule') return [`The scheduled run before this one was ${days} days ago (${day(last)}).`];
  return [
    `The schedule is stale: its last run was ${days} days ago (${day(last)}). GitHub switches schedules off in public repositories without activity for 60 days; look at the workflow's page under Actions.`,
  ];
}

function badLines(bad: ParsedHistory['bad']): readonly string[] {
  if (bad.length === 0) return [];
  const named = bad.slice(0, NAMED_LINES).map(({ line, problem }) => `line ${line} (${problem})`);
  const more = bad.length > NAMED_LINES ? ` and ${bad.length - NAMED_LINES} more` : '';
  return [
    `Not read from history.jsonl: ${named.join(', ')}${more}. Other runs count; take such lines out of the branch.`,
  ];
}

function day({ finishedAt }: HistoryRecord): string {
  return finishedAt.slice(0, 10);
}
