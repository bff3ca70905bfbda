import { sameModel } from '../guards/same-model.js';
import { lookAlike, NOT_COMPARED } from '../guards/sampled-alike.js';
import type { Plan } from '../sampling/plan.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { partsOf } from './preflight.js';
import type { RunState } from './resume.js';

export interface ComparedArms {
  /** Not known yet: the first answers may be drawn meanwhile. Rejects as the models' servers do. */
  readonly findings: Promise<readonly GuardFinding[]>;
  /** To be asked for when the run is over: servers tell of some things on the way. */
  notes(): Promise<readonly string[]>;
}

/**
 * Sets out to learn whether the two arms are two.
 * @param alike what there is to say of how they are sampled
 */
export function compareArms(
  plan: Plan,
  alike: () => readonly string[],
  once: RunState['once'],
  signal: AbortSignal,
): ComparedArms {
  const { models, settings } = plan;
  const compared = settings.expectSameModel
    ? Promise.resolve(NOT_COMPARED)
    : once('same-model', () => lookAlike(models, signal));
  // What the settings say comes last and stands.
  const findings = compared.then((found) => [...found.findings, ...sameModel(settings)]);
  // Whoever waits for them hears of it; until then it is no crash.
  findings.catch(() => {});
  return {
    findings,
    notes: async () => {
      // Cut off with the run: there is nothing to tell.
      const { notes } = await compared.catch(() => NOT_COMPARED);
      return [...alike(), ...notes, ...partsOf(plan).flatMap((part) => part.notes ?? [])];
    },
  };
}
