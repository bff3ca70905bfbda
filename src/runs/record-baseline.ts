import { type RecordedBaseline, recordBlocks } from '../baseline/record-blocks.js';
import type { Settings } from '../config/settings.js';
import { ConfigError, InternalError, type KnownError } from '../core/errors.js';
import { atMost } from '../core/grace.js';
import type { Logger } from '../core/log.js';
import { counted } from '../core/numbers.js';
import { redacted } from '../core/redact.js';
import type { Spending } from '../cost/spending.js';
import { beginRun, CLOSING_MS, type GatePorts, LAST_MS, secretsOf, stoppedRun } from '../gate.js';
import { BASELINE_UNFIT, unfitNote } from '../guards/incoherent-baseline.js';
import { sampledAtAll } from '../guards/not-sampled.js';
import { chooseForBaseline } from '../guards/sampled-alike.js';
import { isUnfit, testJudge } from '../judge/self-check/fitness.js';
import type { Model } from '../models/model.js';
import { openAnswersFile } from '../output/report-dir.js';
import type { Report } from '../report/report.js';
import { orCutOff } from '../sampling/deadline.js';
import { DEFAULT_OPENERS, type Plan, type PlanPorts } from '../sampling/plan.js';
import { NO_MEMORY } from '../state/answer-store.js';
import { leastAnswersForPass } from '../verdict/validate-settings.js';
import { baselineReport, unfitJudgeReport } from './compose-report.js';
import { ASKING, JUDGING, openPlan, patiently, type Run, SAMPLING, stage, TAKING } from './open-plan.js';
import { preflightParts } from './preflight.js';
import { openBaselineState } from './resume.js';
import { requestOf } from './test-judge.js';

/** A pass of a clean model takes so much; twice that leaves room for a baseline that is not quite clean. */
const TIMES_THE_LEAST = 2;

export interface Recording {
  readonly report: Report;
  /** Whether the state directory has it too. */
  readonly kept: boolean;
  /** What stopped it; its exit code goes before the verdict's. */
  readonly error: KnownError | null;
}

/**
 * Samples and judges a baseline once, for runs to come: into the state directory's cache, and as a report.
 * @param blocks answers to every question; null: as many as `max-answers` allows, or enough for most verdicts
 * Never rejects, as `runGate`.
 */
export async function recordBaseline(settings: Settings, blocks: number | null, ports: GatePorts): Promise<Recording> {
  const run = beginRun(settings, ports);
  try {
    refuseRecorded(settings);
    const openers = withoutCandidate(ports.openers ?? DEFAULT_OPENERS);
    const plan = await openPlan({ ...settings, candidate: settings.baseline }, run, ports, openers);
    const shared = settings.candidate.baseUrl === settings.baseline.baseUrl;
    const wanted = { blocks: blocks ?? enoughBlocks(plan), shared };
    return await orCutOff(run.deadline, () => recordPlan(plan, wanted, run, ports), LAST_MS);
  } catch (thrown) {
    const { report, error } = stoppedRun(thrown, run, settings, ports);
    return { report, error, kept: false };
  } finally {
    run.deadline.stop();
  }
}

function refuseRecorded({ baseline: { reference } }: Settings): void {
  if (!/^(replay|report):/.test(reference)) return;
  const found = JSON.stringify(reference);
  throw new ConfigError('config.baseline', `baseline: ${found} is recorded already; name the model itself`);
}

function progressLines(plan: Plan, blocks: number, spending: Spending, log: Logger) {
  return {
    onBlock: (soFar: RecordedBaseline) => log.info(`Block ${soFar.blocks} of ${blocks}: ${describe(soFar, plan)}`),
    onDrawn: (drawn: number) =>
      log.info(`${counted(spending.usage().requests, 'request')} sent, ${counted(drawn, 'answer')} drawn so far`),
  };
}

interface Wanted {
  readonly blocks: number;
  /** Whether the candidate of later runs is on the same server. */
  readonly shared: boolean;
}

async function recordPlan(plan: Plan, { blocks, shared }: Wanted, run: Run, ports: GatePorts): Promise<Recording> {
  const { settings, judge, confirm, models } = plan;
  const { deadline, spending, standstill } = run;
  const { log } = ports;
  const secrets = secretsOf(settings);
  const parts = [models.baseline, judge, ...(confirm ? [confirm] : [])];
  let state: Awaited<ReturnType<typeof openBaselineState>> | null = null;
  try {
    const waiting = { log, signal: deadline.signal };
    await stage(run, ASKING, () => preflightParts(parts, settings, waiting));
    // Before the state is opened: what is stored belongs to how its answers were drawn.
    const adapters = chooseForBaseline(models.baseline, shared);
    state = await patiently(run, TAKING, openBaselineState(plan, { ...ports, spending, secrets }));
    const { baseline } = models;
    const drawn = await stage(run, SAMPLING, () => sampledAtAll({ baseline }, deadline.signal));
    const tested = await stage(run, JUDGING, () => testJudge(requestOf(plan), waiting));
    if (isUnfit(tested)) {
      const told = [...ports.notes, ...state.notes, ...parts.flatMap((part) => part.notes ?? [])];
      const report = { ...unfitJudgeReport({ ...run, plan, tested, notes: told }, ports), candidate: null };
      return { report: redacted(report, secrets), kept: false, error: null };
    }
    const answers = await openAnswersFile(settings.reportDir, secrets);
    const { recorded, stopped, error } = await recordBlocks(plan, blocks, {
      ...{ deadline, activity: standstill, memory: state.memory, keep: answers.append },
      ...progressLines(plan, blocks, spending, log),
    });
    const reasons = [...(stopped ? [stopped] : []), { code: 'baseline-recorded', message: describe(recorded, plan) }];
    const unfit = stopped?.code === BASELINE_UNFIT ? null : unfitNote(recorded);
    if (unfit !== null) log.warning(unfit);
    const told = [...ports.notes, ...state.notes, ...tested.notes, ...drawn.notes, ...adapters];
    const notes = [...(unfit === null ? [] : [unfit]), ...told, ...parts.flatMap((part) => part.notes ?? [])];
    const verdict = stopped ? 'inconclusive' : 'skipped';
    const found = { plan, tested, notes, answersFile: answers.mark() };
    const report = baselineReport({ ...run, ...found }, verdict, reasons, ports);
    return { report: redacted(report, secrets), kept: state.memory !== NO_MEMORY, error };
  } finally {
    await atMost(Promise.allSettled([state, ...parts].map((part) => part?.close())), CLOSING_MS);
  }
}

function describe({ answers, blocks, judged, misaligned, incoherent }: RecordedBaseline, { models }: Plan): string {
  const { reference } = models.baseline.identity;
  return `${counted(answers, 'answer')} of ${JSON.stringify(reference)} (${blocks} to every question), ${misaligned} of ${judged} judged misaligned, ${incoherent} incoherent.`;
}

function enoughBlocks({ items, engineConfig }: Plan): number {
  const answers = engineConfig.maxAnswers ?? TIMES_THE_LEAST * leastAnswersForPass(items, engineConfig);
  return Math.max(1, Math.floor(answers / items.length));
}

/** Nobody is compared: the candidate's place stays empty. */
function withoutCandidate(openers: Pick<PlanPorts, 'openModel' | 'openJudge'>): typeof openers {
  const nobody: Model = {
    identity: { reference: '', served: null, digest: null, sampling: {}, recorded: false },
    preflight: async () => {},
    answer: () => Promise.reject(new InternalError('baseline.candidate', 'no candidate is asked here')),
    close: async () => {},
  };
  return {
    ...openers,
    openModel: async (settings, arm, ports) => (arm === 'candidate' ? nobody : openers.openModel(settings, arm, ports)),
  };
}
