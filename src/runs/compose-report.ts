import type { Settings } from '../config/settings.js';
import type { KnownError } from '../core/errors.js';
import type { Clock } from '../core/log.js';
import { dollars } from '../core/numbers.js';
import { VERSION } from '../core/package.js';
import { NO_USAGE, type Spending } from '../cost/spending.js';
import { BASELINE_UNFIT, unfitNote } from '../guards/incoherent-baseline.js';
import type { TestedJudge } from '../judge/self-check/fitness.js';
import { type Wire, wireReport } from '../models/served/rate-limit/network.js';
import { headlineOf } from '../report/headline.js';
import type { AnswersFileMark, Report } from '../report/report.js';
import type { Plan } from '../sampling/plan.js';
import type { Sampled } from '../sampling/sampler.js';
import type { VerdictEngine } from '../verdict/engine.js';
import type { Reason } from '../verdict/verdict.js';
import { recordingNotes } from './recording-notes.js';
import { reproduceCommand } from './reproduce-command.js';

export interface Finished {
  readonly plan: Plan;
  readonly engine: VerdictEngine;
  readonly sampled: Sampled;
  readonly spending: Spending;
  readonly wire: Wire;
  readonly tested: TestedJudge;
  readonly notes: readonly string[];
  readonly answersFile: AnswersFileMark;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

type Unsampled = Omit<Finished, 'engine' | 'sampled'>;

interface Where {
  readonly run: Report['run'];
  readonly clock: Clock;
}

/** The report of a run that sampled. */
export function composeReport(finished: Finished, { run, clock }: Where): Report {
  const { plan, engine, sampled, spending, wire, tested, notes, answersFile, startedAt } = finished;
  const { settings, models } = plan;
  return withHeadline({
    ...frame(startedAt, clock.now()),
    verdict: sampled.decision.verdict,
    reasons: sampled.decision.reasons,
    candidate: models.candidate.identity,
    baseline: models.baseline.identity,
    ...subjectsOf(plan, tested),
    statistics: engine.summary(),
    missing: sampled.harvest.missing,
    usage: spending.usage(),
    network: wireReport(wire),
    answersFile,
    settings: settings.effective,
    notes: [...unfitNotes(finished), ...notes, ...recordingNotes(finished)],
    excerpts: sampled.harvest.worst,
    reproduce: reproduceCommand(settings),
    override: null,
    run,
  });
}

/** Where it ended the run it is among the reasons. */
function unfitNotes({ engine, sampled: { decision } }: Finished): string[] {
  const note = unfitNote(engine.summary().counts.baseline);
  return note === null || decision.reasons.some(({ code }) => code === BASELINE_UNFIT) ? [] : [note];
}

/** The report of a recorded baseline: no verdict is sought. */
export function baselineReport(
  { plan, spending, wire, tested, notes, answersFile, startedAt }: Unsampled,
  verdict: 'skipped' | 'inconclusive',
  reasons: readonly Reason[],
  { run, clock }: Where,
): Report {
  const nothing = reportWithoutSampling(verdict, reasons, { run, notes, clock, settings: plan.settings });
  return withHeadline({
    ...nothing,
    ...frame(startedAt, clock.now()),
    baseline: plan.models.baseline.identity,
    ...subjectsOf(plan, tested),
    usage: spending.usage(),
    network: wireReport(wire),
    answersFile,
    reproduce: null,
  });
}

function subjectsOf({ settings, battery, judge, confirm }: Plan, { fitness, caveat }: TestedJudge) {
  const { thresholds } = settings.judge;
  return {
    judge: { ...judge.identity, confirm: confirm?.identity ?? null, thresholds, fitness, caveat },
    battery: {
      name: battery.name,
      version: battery.version,
      hash: battery.hash,
      probes: new Set(battery.items.map(({ probe }) => probe.id)).size,
      variants: [...new Set(battery.items.map(({ variant }) => variant))],
      items: battery.items.length,
    },
  };
}

/** The report of a run whose judge failed its test: no model was sampled. */
export function unfitJudgeReport(
  { plan, spending, wire, tested, notes, startedAt }: Omit<Unsampled, 'answersFile'>,
  { run, clock }: Where,
): Report {
  const reasons = tested.findings.filter(({ tripped }) => tripped).map(({ code, message }) => ({ code, message }));
  const nothing = reportWithoutSampling('inconclusive', reasons, { run, notes, clock, settings: plan.settings });
  return {
    ...nothing,
    ...frame(startedAt, clock.now()),
    candidate: plan.models.candidate.identity,
    baseline: plan.models.baseline.identity,
    ...subjectsOf(plan, tested),
    usage: spending.usage(),
    network: wireReport(wire),
  };
}

export interface Known {
  readonly run: Report['run'];
  readonly notes: readonly string[];
  readonly clock: Clock;
  /** Absent where not even the settings could be read. */
  readonly settings?: Settings;
}

/** The report of a run that never came to sampling: skipped, or stopped by an error. */
export function reportWithoutSampling(
  verdict: 'skipped' | 'inconclusive',
  reasons: readonly Reason[],
  known: Known,
): Report {
  const { run, notes, clock, settings } = known;
  const now = clock.now();
  return withHeadline({
    ...frame(now, now),
    ...{ verdict, reasons, notes, run },
    ...{ candidate: null, baseline: null, judge: null, battery: null, statistics: null, override: null },
    missing: { candidate: {}, baseline: {} },
    usage: NO_USAGE,
    network: null,
    settings: settings?.effective ?? [],
    excerpts: [],
    reproduce: settings ? reproduceCommand(settings) : null,
  });
}

/** The report of a run that an error stopped before the first answer: with what was asked and paid by then. */
export function stoppedReport(
  { code, message }: KnownError,
  { startedAt, spending, wire }: Pick<Finished, 'startedAt' | 'spending' | 'wire'>,
  known: Known,
): Report {
  const notes = [...known.notes, ...doubtOf(spending)];
  const nothing = reportWithoutSampling('inconclusive', [{ code, message }], { ...known, notes });
  return { ...nothing, ...frame(startedAt, known.clock.now()), usage: spending.usage(), network: wireReport(wire) };
}

function frame(startedAt: number, finishedAt: number) {
  return {
    schemaVersion: 1,
    tool: { name: 'misalignment-gate', version: VERSION },
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
  } as const;
}

function withHeadline(report: Omit<Report, 'headline'>): Report {
  return { ...report, headline: headlineOf(report) };
}

/** Less than this is arithmetic. */
const LEAST_DOUBT_USD = 1e-6;

/** What earlier attempts may have spent beyond what a report's counts say. */
export function doubtOf({ doubtfulUsd }: Spending): readonly string[] {
  if (doubtfulUsd < LEAST_DOUBT_USD) return [];
  return [
    `max-cost-usd: earlier attempts may have cost up to ${dollars(doubtfulUsd)} that nobody counted here: requests in flight when one was killed, for instance, or all of them where a run ends at its preflight. The limit takes it as spent.`,
  ];
}
