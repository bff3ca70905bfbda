import { isKnownError, type KnownError } from './errors.js';
import { ReportBaseline } from './gate-report-baseline.js';
import type { RunState } from './gate-state.js';
import type { Model } from './models/model.js';
import type { Plan } from './sampling/plan.js';
import { type SampledArms, sampledAtAll } from './sampling/sampled-at-all.js';
import { preflightAll, type WaitPorts } from './sampling/wait.js';

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
