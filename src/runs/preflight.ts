import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReportBaseline } from '../baseline/from-report.js';
import type { Settings } from '../config/settings.js';
import { isKnownError, type KnownError, ProviderError } from '../core/errors.js';
import type { Logger } from '../core/log.js';
import { type SampledArms, sampledAtAll } from '../guards/not-sampled.js';
import type { Model } from '../models/model.js';
import type { Plan } from '../sampling/plan.js';
import type { RunState } from './resume.js';

export { preflightAll as preflightParts };

/**
 * One cheap question each, so that a wrong name, key or address shows before anything is spent.
 * @returns why the baseline can't be asked, where the others can: what is stored of it may do
 * @throws ConfigError, also when the baseline is an earlier run's and that run was another in what counts
 */
export async function preflight(plan: Plan, ports: WaitPorts): Promise<KnownError | null> {
  const { baseline } = plan.models;
  const others = partsOf(plan).filter((part) => part !== baseline);
  const asked = preflightAll([baseline], plan.settings, ports).then(
    () => null,
    (error: unknown) => {
      if (isGone(error)) return error;
      throw error;
    },
  );
  const [unreachable] = await Promise.all([asked, preflightAll(others, plan.settings, ports)]);
  if (baseline instanceof ReportBaseline) baseline.verify(plan);
  return unreachable;
}

/** A key that is refused is there to be mended, not to be done without. */
function isGone(error: unknown): error is KnownError {
  return isKnownError(error) && (error.exitCode === 2 || error.code === 'endpoint.model-unknown');
}

/** For whoever would ask the baseline's server, when that is gone. */
export function withoutBaseline(plan: Plan): Plan {
  const baseline = Object.create(plan.models.baseline, { wire: { value: undefined } }) as Model;
  return { ...plan, models: { ...plan.models, baseline } };
}

/** Everything that is open while a plan is carried out. */
export function partsOf({ models, judge, confirm }: Plan) {
  return [models.candidate, models.baseline, judge, ...(confirm ? [confirm] : [])];
}

/** Whether the servers sample; for a later attempt at the same verdict it is known. @throws ProviderError `not-sampled` */
export function sampledOnce(plan: Plan, once: RunState['once'], signal: AbortSignal): Promise<SampledArms> {
  return once('sampled', () => sampledAtAll(plan.models, signal));
}

const POLL_MS = 3_000;

/** What a server says while it is still loading; a refused key or a wrong setting gets no better by waiting. */
const PASSES: ReadonlySet<string> = new Set([
  'endpoint.unreachable',
  'endpoint.timeout',
  'endpoint.server-error',
  'endpoint.rate-limited',
  'endpoint.malformed',
  'endpoint.base-url',
  'endpoint.model-unknown',
  'endpoint.model-unusable',
]);

export interface WaitPorts {
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

type Part = Pick<Model, 'preflight' | 'unlisted'>;

/**
 * The preflight of models and judge, repeated until each one has answered under its name and its server lists it, for as long
 * as `wait-for-endpoint` says: a model that the job itself serves takes minutes to load. One that answers and is never listed
 * is not held up any longer than that.
 * @throws what the last try found, once the time is over or waiting can't help
 */
export async function preflightAll(
  parts: readonly Part[],
  { waitForEndpointSeconds }: Pick<Settings, 'waitForEndpointSeconds'>,
  { log, signal }: WaitPorts,
): Promise<void> {
  const until = Date.now() + waitForEndpointSeconds * 1000;
  const failed = new AbortController();
  const stop = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  // Every request listens to it.
  setMaxListeners(0, stop);
  const tell = onceEach((text) => log.info(`wait-for-endpoint: ${text}`));
  const waits = parts.map((part) => answering(part, until, { tell, signal: stop }));
  try {
    await Promise.all(waits);
  } catch (error) {
    // The others would go on asking, and keep the process alive, until their time is over.
    failed.abort();
    await Promise.allSettled(waits);
    throw error;
  }
}

/** Models and judge wait for one server, and most tries find what the last one found. */
function onceEach(tell: (text: string) => void): (lacking: string, left: number) => void {
  const told = new Set<string>();
  return (lacking, left) => {
    if (told.has(lacking)) return;
    told.add(lacking);
    tell(`${lacking} (${Math.ceil(left / 1000)} s left to wait)`);
  };
}

async function answering(
  part: Part,
  until: number,
  { tell, signal }: { readonly tell: ReturnType<typeof onceEach>; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    const { error, lacking } = await look(part, signal);
    const left = until - Date.now();
    if (lacking === null) return;
    if (left <= 0) {
      if (error === null) return;
      throw error;
    }
    tell(lacking, left);
    await pause(Math.min(POLL_MS, left), signal);
  }
}

/** What is lacking, in words, and the error that says so; null once nothing is. @throws what waiting can't mend */
async function look(part: Part, signal: AbortSignal): Promise<{ error: KnownError | null; lacking: string | null }> {
  try {
    await part.preflight(signal);
    return { error: null, lacking: part.unlisted ?? null };
  } catch (error) {
    if (!isKnownError(error) || !PASSES.has(error.code)) throw error;
    return { error, lacking: error.message };
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch (cause) {
    throw new ProviderError('endpoint.stopped', 'The wait for the servers was stopped.', { cause });
  }
}
