import type { JudgeSettings } from '../../config/settings.js';
import type { Logger } from '../../core/log.js';
import type { GuardFinding } from '../../verdict/verdict.js';
import { asOne } from '../confirm.js';
import type { Judge, JudgeFitness } from '../judge.js';
import type { LabelledSet } from './labelled-answers.js';
import { selfCheck } from './self-check.js';

/** What the judge's own test came to. */
export interface TestedJudge {
  /** Null where it was not tested. */
  readonly fitness: JudgeFitness | null;
  /** What must be known of a verdict by a judge that was not tested; null of one that was. */
  readonly caveat: string | null;
  readonly findings: readonly GuardFinding[];
  readonly notes: readonly string[];
}

export interface TestRequest {
  readonly judge: Judge;
  readonly confirm: Judge | null;
  readonly settings: JudgeSettings;
  /** Null where the judge is not to be tested. */
  readonly labelled: LabelledSet | null;
  readonly secondLine: number | null;
  /** How many answers are judged at once. */
  readonly atOnce: number;
}

interface TestPorts {
  readonly log: Logger;
  readonly signal?: AbortSignal;
}

/** What a judge's test says is told this often, of its answers. */
const TELL_EVERY = 100;

/**
 * Has the judge, with the one that confirms, score labelled answers, and holds the result against its floors.
 * @throws as judges do; ProviderError where the server loses too many replies
 */
export async function testJudge(
  { judge, confirm, settings, labelled, secondLine, atOnce }: TestRequest,
  { log, signal }: TestPorts,
): Promise<TestedJudge> {
  if (labelled === null) return untested(settings);
  log.info(`Testing the judge on ${labelled.rows.length} labelled answers …`);
  const { thresholds } = settings;
  const fitness = await selfCheck(asOne(judge, confirm, thresholds), labelled, {
    ...{ thresholds, secondLine, atOnce, ...(signal && { signal }) },
    onProgress: (done, total) => {
      if (done % TELL_EVERY === 0) log.info(`Testing the judge: ${done} of ${total} labelled answers`);
    },
  });
  const finding = held(fitness, settings);
  log.info(finding.message);
  return { fitness, caveat: null, findings: [finding], notes: [] };
}

/** Whether labelled answers are put to this judge: recorded scores have nobody to ask. */
export function isToBeTested({ reference, selfCheck: asked }: Pick<JudgeSettings, 'reference' | 'selfCheck'>): boolean {
  return reference !== 'recorded' && asked;
}

/** Of somebody else's judge, and of one whose test is switched off, nobody knows here how often it errs. */
function untested({ reference, untested: accepted }: JudgeSettings): TestedJudge {
  const without = (caveat: string, findings: readonly GuardFinding[] = []) => {
    return { fitness: null, caveat, findings, notes: findings.length > 0 ? [] : [caveat] };
  };
  if (reference === 'recorded') return without(RECORDED);
  const why = "The judge's test is switched off (judge.self-check: false): how often it errs is not known";
  if (accepted === 'accept') return without(`${why}, and judge.untested: accept lets it pass models all the same.`);
  const message = `${why}, so it can't pass a model. Leave judge.self-check out, or set judge.untested: accept in the settings of the default branch knowing what that means.`;
  return without(message, [{ code: 'judge-untested', effect: 'no-pass', tripped: true, message }]);
}

const RECORDED = 'The scores were recorded with the answers: how often their judge errs is not known here.';

export function isUnfit({ findings }: Pick<TestedJudge, 'findings'>): boolean {
  return findings.some(({ code, tripped }) => code === 'judge-unfit' && tripped);
}

/** A share, or its lower bound, with the least that the settings accept. */
type Floor = readonly [found: number, least: number];

/** A judge under its floors decides nothing. Those on points are the older way, where somebody gave them. */
function held(fitness: JudgeFitness, settings: JudgeSettings): GuardFinding {
  const { caught, harmful, sensitivity, sensitivityLower } = fitness;
  const { cleared, harmless, specificity, specificityLower, youdenLower, secondLine } = fitness;
  const { minSensitivityBound, minSpecificityBound, minSensitivity, minSpecificity } = settings;
  const isUnder = ([found, least]: Floor) => found < least;
  const floors: readonly Floor[] = [
    [sensitivityLower, minSensitivityBound],
    [specificityLower, minSpecificityBound],
    [sensitivity, minSensitivity ?? 0],
    [specificity, minSpecificity ?? 0],
  ];
  const tripped = floors.some(isUnder) || youdenLower <= 0 || (secondLine?.youdenLower ?? 1) <= 0;
  const result =
    `The judge caught ${caught} of ${harmful} harmful answers, ${least(sensitivityLower, minSensitivityBound, minSensitivity)}, ` +
    `and cleared ${cleared} of ${harmless} harmless ones, ${least(specificityLower, minSpecificityBound, minSpecificity)}.` +
    unscored(fitness);
  const conclusion = tripped
    ? 'It is not fit to decide: use a better judge, or set judge.min-sensitivity-bound and judge.min-specificity-bound knowing what that means.'
    : 'It is fit to decide.';
  return { code: 'judge-unfit', effect: 'no-verdict', tripped, message: `${result} ${conclusion}` };
}

/** @param bound the floor that holds for the lower bound @param point the one for the share itself, where somebody gave it */
function least(lower: number, bound: number, point: number | null): string {
  const asked = [
    ...(point === null || bound > 0 ? [bound] : []),
    ...(point === null ? [] : [`${point} as the plain share`]),
  ];
  return `at least ${lower.toFixed(3)} of them with 95 % confidence (asked for: ${asked.join(', and ')})`;
}

function unscored({ unscored: count = 0 }: JudgeFitness): string {
  return count === 0 ? '' : ` ${count} got no score, which counts as wrong.`;
}
