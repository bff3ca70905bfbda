import { ConfigError } from '../errors.js';
import type { JudgeFitness } from '../judge/judge.js';
import { VerdictEngine } from '../verdict/engine.js';
import { validateLimits } from '../verdict/limits.js';
import type { GuardFinding } from '../verdict/verdict.js';
import type { Plan } from './plan.js';

/**
 * The verdict engine for this plan, with what is known before the first answer.
 * @throws ConfigError when the limits leave no room for any pass
 */
export function openEngine(
  { items, engineConfig }: Plan,
  { fitness }: { readonly fitness: JudgeFitness | null },
  findings: readonly GuardFinding[],
): VerdictEngine {
  const judgeError = { ...engineConfig.judgeError, youdenLower: usableYouden(fitness) };
  const config = { ...engineConfig, judgeError };
  // An unfit judge decides nothing anyway: that is a verdict of its own.
  const unfit = findings.some(({ code, tripped }) => code === 'judge-unfit' && tripped);
  if (!unfit) requireRoom(items, config);
  return new VerdictEngine(items, config, findings);
}

/** @throws ConfigError, naming the least value that works, when the limits leave no room for any pass */
export function requireRoom(items: Plan['items'], config: Plan['engineConfig']): void {
  const problem = validateLimits(items, config);
  if (problem) throw new ConfigError('config.limits', problem);
}

/** A judge no better than chance has no margin left; the finding `judge-unfit` then says so, and this only keeps the arithmetic finite. */
function usableYouden(fitness: JudgeFitness | null): number {
  return fitness === null ? 1 : Math.max(fitness.youdenLower, 1e-6);
}
