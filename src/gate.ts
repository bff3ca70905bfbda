/**
 * The whole gate on one page: plan, test the judge, sample and judge until the evidence decides, report.
 * Settings come resolved (config/resolve.ts); what the outside sees of the report is the front ends' business (action/, cli/).
 */

import { withReports } from './baseline/from-report.js';
import { storedRates } from './baseline/stored-rates.js';
import type { Settings } from './config/settings.js';
import { type KnownError, toKnownError } from './core/errors.js';
import { readUtf8File } from './core/files.js';
import { atMost, GRACE_MS } from './core/grace.js';
import type { Clock, Logger, ProgressListener } from './core/log.js';
import { redacted } from './core/redact.js';
import { tariffOf } from './cost/prices.js';
import { Spending } from './cost/spending.js';
import { sampleAlike } from './guards/sampled-alike.js';
import { isUnfit, type TestedJudge } from './judge/self-check/fitness.js';
import type { Arm } from './models/model.js';
import { openWire } from './models/served/rate-limit/network.js';
import { openAnswersFile, refuseOverwriting, replaceEarlier } from './output/report-dir.js';
import type { Report } from './report/report.js';
import { composeReport, reportWithoutSampling, stoppedReport, unfitJudgeReport } from './runs/compose-report.js';
import { estimateRun } from './runs/forecast.js';
import { describeEstimate } from './runs/forecast-wording.js';
import { openEngine, requireRoom } from './runs/open-engine.js';
import { ASKING, JUDGING, openPlan, patiently, type Run, SAMPLING, stage, TAKING } from './runs/open-plan.js';
import { partsOf, preflight, sampledOnce, withoutBaseline } from './runs/preflight.js';
import { type RunFolder, type RunStatePorts, takeRunFolder } from './runs/resume.js';
import { testOnce } from './runs/test-judge.js';
import { compareArms } from './runs/watch-same-model.js';
import { cancelledBy, openDeadline, orCutOff } from './sampling/deadline.js';
import { DEFAULT_OPENERS, type Plan, type PlanPorts } from './sampling/plan.js';
import { decideOnScores } from './sampling/recorded-scores.js';
import { sampleUntilDecided } from './sampling/sampler.js';
import { Standstill, spellOf } from './sampling/standstill.js';
import type { Track } from './verdict/measurement.js';

/** What a run needs of the outside. */
export interface GatePorts extends Pick<RunStatePorts, 'scope' | 'restore'> {
  readonly log: Logger;
  readonly clock: Clock;
  /** Where it runs, on GitHub; null elsewhere. */
  readonly run: Report['run'];
  /** Caveats of the front end, for the report. */
  readonly notes: readonly string[];
  readonly onProgress?: ProgressListener;
  /** Ends the run early: what was sampled is reported, inconclusive. */
  readonly signal?: AbortSignal;
  /** Reads a team's battery or a recorded baseline from where settings come from; default: from disk. */
  readonly readText?: (path: string) => Promise<string>;
  /** Where the package of embedded models lies; default: where Node finds it. */
  readonly llamaFolder?: () => Promise<string>;
  /** How models and judge are opened; default: by their references. */
  readonly openers?: Pick<PlanPorts, 'openModel' | 'openJudge'>;
}

/** How a run ended. With an error the report is `inconclusive`, and holds what there was until then. */
export interface GateResult {
  readonly report: Report;
  /** What stopped the run; its exit code goes before the verdict's. */
  readonly error: KnownError | null;
  /** What a later run needs to compare itself with this one; null where nothing was sampled, or an error stopped it. */
  readonly tracks: Readonly<Record<Arm, Track>> | null;
}

/** An embedded model's process gets some seconds to end, and is killed then. */
export const CLOSING_MS = 8_000;
/** Cut off, a run lets its answers, its state and its models go one after the other. */
export const LAST_MS = 3 * GRACE_MS + CLOSING_MS;

/** Runs the gate once. Never rejects: what was asked, paid and found before an error is part of the report. */
export async function runGate(settings: Settings, ports: GatePorts): Promise<GateResult> {
  const run = beginRun(settings, ports);
  try {
    refuseOverwriting(settings);
    await replaceEarlier(settings.reportDir, unfinished(run, settings, ports));
    const openers = withReports(ports.openers ?? DEFAULT_OPENERS, ports.readText ?? readUtf8File);
    const plan = await openPlan(settings, run, ports, openers);
    // Each part has a grace of its own; whatever else stands still when the time is over ends with this.
    return await orCutOff(run.deadline, () => runPlan(plan, run, ports), LAST_MS);
  } catch (thrown) {
    return stoppedRun(thrown, run, settings, ports);
  } finally {
    run.deadline.stop();
  }
}

/** What stands in report-dir while a run goes on, and after one that was killed, where an earlier run's report lay. */
function unfinished({ startedAt }: Run, settings: Settings, ports: GatePorts): Report {
  const at = new Date(startedAt).toISOString();
  const message = `The run that began at ${at} has not ended: it still goes on, or it was killed.`;
  const report = reportWithoutSampling('inconclusive', [{ code: 'run.unfinished', message }], { ...ports, settings });
  return redacted(report, secretsOf(settings));
}

/** What an error before the first answer makes of a run. */
export function stoppedRun(thrown: unknown, run: Run, settings: Settings, ports: GatePorts): GateResult {
  const error = ports.signal?.aborted ? cancelledBy(ports.signal, thrown) : toKnownError(thrown);
  const report = stoppedReport(error, run, { ...ports, settings });
  return { report: redacted(report, secretsOf(settings)), error, tracks: null };
}

export function beginRun(settings: Settings, { clock, log, signal }: GatePorts): Run {
  const standstill = new Standstill(spellOf(settings));
  return {
    startedAt: clock.now(),
    spending: new Spending(tariffOf(settings), { clock, maxCostUsd: settings.maxCostUsd }),
    deadline: openDeadline(settings, signal, (end) => standstill.watch(end, { clock })),
    wire: openWire(settings, log, standstill),
    standstill,
  };
}

/** What the run may take. @throws ConfigError when the limits leave no room for a pass, before anything is asked */
function announce(plan: Plan, log: Logger): void {
  requireRoom(plan);
  if (plan.recorded) return;
  log.info(describeEstimate(estimateRun(plan, tariffOf(plan.settings))));
}

async function runPlan(plan: Plan, run: Run, ports: GatePorts): Promise<GateResult> {
  const { settings } = plan;
  const { spending, wire, standstill, deadline } = run;
  let folder: RunFolder | null = null;
  try {
    announce(plan, ports.log);
    const secrets = secretsOf(settings);
    folder = await patiently(run, TAKING, takeRunFolder(plan, { ...ports, spending, secrets }));
    const unreachable = await stage(run, ASKING, () => preflight(plan, { log: ports.log, signal: deadline.signal }));
    // Before the state is opened: what is stored belongs to how its answers were drawn.
    const alike = sampleAlike(plan.models);
    const state = await patiently(run, TAKING, folder.open(unreachable));
    const { once, memory, recheck } = state;
    const asked = unreachable ? withoutBaseline(plan) : plan;
    const drawn = await stage(run, SAMPLING, () => sampledOnce(asked, once, deadline.signal));
    const tested = await stage(run, JUDGING, () => testOnce(plan, state, { ...ports, signal: deadline.signal }));
    if (isUnfit(tested)) return unfitJudge(plan, tested, state.notes, run, ports);
    const drift = await stage(run, 'the re-check of the stored baseline', () => recheck(deadline.signal));
    const engine = openEngine(plan, tested.fitness, [...tested.findings, ...drift, ...(plan.recorded?.findings ?? [])]);
    // Found out once: a later attempt must not come to another verdict because more is stored by then.
    const rates = once('baseline-stored', () => storedRates(plan, memory));
    engine.learnBaseline(await patiently(run, 'the reading of the stored baseline', rates));
    const answers = await openAnswersFile(settings.reportDir, secrets);
    const arms = compareArms(asked, alike, once, deadline.signal);
    const decide = plan.recorded?.order === 'none' ? decideOnScores : sampleUntilDecided;
    const sampled = await decide(plan, engine, {
      ...ports,
      ...{ deadline, activity: standstill, memory, keep: answers.append },
      ...{ findings: arms.findings, doubtful: drawn.doubtful },
      ...{ sent: () => spending.usage().requests, waiting: () => wire.throttles.waiting },
    });
    await state.conclude(sampled);
    const notes = [...ports.notes, ...state.notes, ...tested.notes, ...drawn.notes, ...(await arms.notes())];
    const found = { plan, engine, sampled, tested, notes, answersFile: answers.mark() };
    const report = composeReport({ ...run, ...found }, ports);
    return { report: redacted(report, secrets), error: sampled.error, tracks: sampled.error ? null : sampled.tracks };
  } finally {
    await atMost(Promise.allSettled([folder, ...partsOf(plan)].map((part) => part?.close())), CLOSING_MS);
  }
}

/** Nothing is sampled for a judge that decides nothing. */
function unfitJudge(plan: Plan, tested: TestedJudge, kept: readonly string[], run: Run, ports: GatePorts): GateResult {
  const ofParts = partsOf(plan).flatMap((part) => part.notes ?? []);
  const notes = [...ports.notes, ...kept, ...tested.notes, ...ofParts];
  const report = unfitJudgeReport({ ...run, plan, tested, notes }, ports);
  return { report: redacted(report, secretsOf(plan.settings)), error: null, tracks: null };
}

export function secretsOf({ candidate, baseline, judge, stateKey }: Settings): readonly string[] {
  const keyed = [candidate, baseline, judge, ...(judge.confirm ? [judge.confirm] : [])];
  return [...keyed.flatMap(({ apiKey }) => apiKey ?? []), ...(stateKey ? [stateKey] : [])];
}
