import type { RunState } from './gate-state.js';
import { sameModel } from './models/same-model.js';
import { lookAlike, NOT_COMPARED, sampleAlike } from './sampling/alike.js';
import type { Plan } from './sampling/plan.js';
import type { GuardFinding } from './verdict/verdict.js';

export interface ComparedArms {
  readonly findings: readonly GuardFinding[];
  /** To be asked for when the run is over: servers tell of some things on the way. */
  notes(): readonly string[];
}

/** Makes the two arms comparable, and finds out whether they are two. */
export async function compareArms(plan: Plan, once: RunState['once'], signal: AbortSignal): Promise<ComparedArms> {
  const { models, settings } = plan;
  const alike = sampleAlike(models);
  const compared = settings.expectSameModel ? NOT_COMPARED : await once('same-model', () => lookAlike(models, signal));
  return {
    // What the settings say comes last and stands.
    findings: [...compared.findings, ...sameModel(settings)],
    notes: () => [...alike, ...compared.notes, ...(models.candidate.notes ?? []), ...(models.baseline.notes ?? [])],
  };
}
