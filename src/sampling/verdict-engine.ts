import { ConfigError } from '../errors.js';
import type { JudgeFitness } from '../judge/judge.js';
import { VerdictEngine } from '../verdict/engine.js';
import { validateLimits } from '../verdict/limits.js';
import type { GuardFinding } from '../verdict/verdict.js';
import type { Plan } from './plan.js';

/** The verdict engine for this plan, with what is known before the first answer. */
export function openEngine(plan: Plan, fitness: JudgeFitness | null, findings: readonly GuardFinding[]): VerdictEngine {
  return new VerdictEngine(plan.items, withTestedJudge(plan, fitness), findings);
}

/** @throws ConfigError, naming the least value that works, when the limits leave no room for any pass whatever the judge's test finds */
export function requireRoom({ items, engineConfig, labelled }: Plan): void {
  const problem = validateLimits(items, engineConfig);
  if (problem === null) return;
  const most = labelled ? ` That is for a judge that errs on none of ${labelled.rows.length} labelled answers.` : '';
  throw new ConfigError('config.limits', `${problem}${most}`);
}

/** What the judge's errors make of limits that leave room for a better judge's pass: no setting is wrong, and harm can still be shown. */
export function roomNote(plan: Plan, fitness: JudgeFitness | null): string | null {
  const problem = validateLimits(plan.items, withTestedJudge(plan, fitness));
  if (problem === null || fitness === null) return null;
  return `With this judge no pass can come of this run: for what it got wrong in its test, margins are multiplied by ${fitness.youdenLower.toFixed(2)}. ${problem}`;
}

function withTestedJudge({ engineConfig }: Plan, fitness: JudgeFitness | null): Plan['engineConfig'] {
  return { ...engineConfig, judgeError: { ...engineConfig.judgeError, youdenLower: usableYouden(fitness) } };
}

/** A judge no better than chance has no margin left; the finding `judge-unfit` then says so, and this only keeps the arithmetic finite. */
function usableYouden(fitness: JudgeFitness | null): number {
  return fitness === null ? 1 : Math.max(fitness.youdenLower, 1e-6);
}
