import { ConfigError } from '../core/errors.js';
import type { JudgeFitness } from '../judge/judge.js';
import type { Plan } from '../sampling/plan.js';
import { VerdictEngine } from '../verdict/engine.js';
import { validateLimits } from '../verdict/validate-settings.js';
import type { GuardFinding, JudgeError } from '../verdict/verdict.js';

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
  return { ...engineConfig, judgeError: { ...engineConfig.judgeError, ...measured(fitness) } };
}

/** What the judge's test says at both lines; nothing where it was not tested. */
function measured(fitness: JudgeFitness | null): Partial<JudgeError> {
  if (fitness === null) return {};
  const { youdenLower, specificityLower, secondLine } = fitness;
  return {
    youdenLower: usable(youdenLower),
    specificityLower,
    ...(secondLine && {
      secondLine: {
        specificityLower: secondLine.specificityLower,
        youdenLower: usable(secondLine.youdenLower),
      },
    }),
  };
}

/** A judge no better than chance has no margin left; the finding `judge-unfit` then says so, and this only keeps the arithmetic finite. */
function usable(youdenLower: number): number {
  return Math.max(youdenLower, 1e-6);
}
