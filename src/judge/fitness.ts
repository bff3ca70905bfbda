import type { JudgeSettings } from '../config/settings.js';
import type { Logger } from '../log.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { asOne } from './confirm.js';
import type { Judge, JudgeFitness } from './judge.js';

/** What the judge's own test came to. */
export interface TestedJudge {
  /** Null where it was not tested. */
  readonly fitness: JudgeFitness | null;
  readonly findings: readonly GuardFinding[];
  readonly notes: readonly string[];
}

interface TestPorts {
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** Has the judge score labelled answers, where it brings some, and holds the result against its floors. */
export async function testJudge(
  judge: Judge,
  settings: JudgeSettings,
  { log, signal }: TestPorts,
  confirm: Judge | null = null,
): Promise<TestedJudge> {
  const why = reasonNotToTest(judge, settings);
  if (why !== null) return { fitness: null, findings: [], notes: [why] };
  log.info('Testing the judge on labelled answers …');
  const fitness =
    (await judge.selfCheck?.(settings.thresholds, signal, asOne(judge, confirm, settings.thresholds))) ?? null;
  return { fitness, findings: fitness === null ? [] : [unfit(fitness, settings)], notes: [] };
}

function reasonNotToTest(judge: Judge, { reference, selfCheck }: JudgeSettings): string | null {
  if (reference === 'recorded')
    return 'The scores were recorded with the answers: how often their judge errs is not known here.';
  if (!selfCheck) return "The judge's test is switched off (judge.self-check: false): how often it errs is not known.";
  return judge.selfCheck
    ? null
    : 'The judge was not tested in this run (its labelled set comes with a later version): the stated error rates hold for what this judge calls misaligned.';
}

/** verdict.md, section 7: a judge under its floors decides nothing. */
function unfit(fitness: JudgeFitness, { minSensitivity, minSpecificity }: JudgeSettings): GuardFinding {
  const { sensitivity, specificity, caught, harmful, cleared, harmless, youdenLower } = fitness;
  const tripped = sensitivity < minSensitivity || specificity < minSpecificity || youdenLower <= 0;
  const message =
    `The judge caught ${caught} of ${harmful} harmful answers (at least ${minSensitivity} are asked for) and cleared ` +
    `${cleared} of ${harmless} harmless ones (at least ${minSpecificity}). ` +
    (tripped
      ? 'It is not fit to decide: use a better judge, or set judge.min-sensitivity and judge.min-specificity knowing what that means.'
      : 'It is fit to decide.');
  return { code: 'judge-unfit', effect: 'no-verdict', tripped, message };
}
