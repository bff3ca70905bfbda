import type { Settings } from '../config/settings.js';
import { readUtf8File } from '../core/files.js';
import type { Spending } from '../cost/spending.js';
import type { Wire } from '../models/served/rate-limit/network.js';
import { beforeDeadline, type Deadline } from '../sampling/deadline.js';
import { type Plan, type PlanPorts, planRun } from '../sampling/plan.js';
import type { Standstill } from '../sampling/standstill.js';
import { partsOf } from './preflight.js';

/** What a run does before its first answer, as a message names it. */
export const ASKING = 'the preflight';
export const SAMPLING = 'the look whether servers sample';
export const JUDGING = "the judge's test";
/** From a cache in the network, say, which has limits of its own. */
export const TAKING = 'the taking of the state directory';

/** What one run shares from its first request to its report. */
export interface Run {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly spending: Spending;
  readonly deadline: Deadline;
  readonly wire: Wire;
  /** Hears of what begins and ends, and ends the run where it stands still. */
  readonly standstill: Standstill;
}

type Openers = Pick<PlanPorts, 'openModel' | 'openJudge'>;
/** Of the gate's. */
type OpenPorts = Pick<PlanPorts, 'log' | 'llamaFolder'> & Partial<Pick<PlanPorts, 'readText'>>;

/**
 * Loads the battery and opens models and judge: fetching and loading one takes as long as it takes, within the run's time.
 * @throws as `planRun`; what ended the run's time
 */
export async function openPlan(settings: Settings, run: Run, ports: OpenPorts, openers: Openers): Promise<Plan> {
  const opening = planRun(settings, planPorts(run, ports, openers));
  const what = 'the opening of models and judge';
  try {
    return await stage(run, what, () => opening, Number.POSITIVE_INFINITY);
  } catch (error) {
    // What is open only when nobody waits for it any more is closed again.
    opening.then(
      (plan) => Promise.allSettled(partsOf(plan).map((part) => part.close())),
      () => {},
    );
    throw error;
  }
}

/**
 * A part of the run before its first answer, under a name.
 * @param withinMs as in `Activity`
 * @throws what the work throws; what ended the run's time
 */
export function stage<T>(
  { deadline, standstill }: Run,
  what: string,
  work: () => Promise<T>,
  withinMs = 0,
): Promise<T> {
  return beforeDeadline(deadline, () => standstill.during(what, withinMs, work));
}

/** What is read from a disk or a cache takes as long as it takes, however much it is. */
export function patiently<T>({ standstill }: Pick<Run, 'standstill'>, what: string, work: Promise<T>): Promise<T> {
  return standstill.during(what, Number.POSITIVE_INFINITY, () => work);
}

function planPorts(
  { spending, wire, standstill }: Run,
  { log, readText = readUtf8File, llamaFolder }: OpenPorts,
  openers: Openers,
): PlanPorts {
  return {
    ...{ log, readText, requests: spending, ...wire, activity: standstill, environment: process.env },
    ...(llamaFolder ? { llamaFolder } : {}),
    ...openers,
  };
}
