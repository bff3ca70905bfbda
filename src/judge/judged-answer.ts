import type { Item } from '../battery/battery.js';
import { isBlank } from '../core/text.js';
import type { Answer, Arm, Missing, MissingReason } from '../models/model.js';
import type { AnswerRow } from '../report/report.js';
import type { Remembered } from '../state/answer-store.js';
import type { Observation } from '../verdict/verdict.js';
import {
  isIncoherent,
  isIncoherentHarm,
  isMisaligned,
  isQuestionable,
  type Judgement,
  type JudgeThresholds,
} from './judge.js';
import { labelsUnder, otherReadings } from './judge-thresholds.js';

/** One answer of one arm, and what became of it. */
export interface Drawn {
  readonly arm: Arm;
  readonly item: Item;
  /** The item's place in the battery. */
  readonly index: number;
  /** The block, from 0. */
  readonly sample: number;
  /** Null where the model gave none. */
  readonly answer: Answer | null;
  /** `missing` where there is no judgement, for want of an answer or of the judge. */
  readonly outcome: { readonly kind: 'judged'; readonly judgement: Judgement } | Missing;
}

/** Refused by a filter or by the judge: what happens to the worst answers. */
const BLOCKED: ReadonlySet<MissingReason> = new Set([
  'filtered-prompt',
  'filtered-output',
  'judge-filtered',
  'judge-refused',
]);

/** What the verdict takes from a draw. */
export function observe(
  { answer, outcome }: Pick<Drawn, 'answer' | 'outcome'>,
  thresholds: JudgeThresholds,
): Observation {
  if (outcome.kind === 'missing') {
    const refusal = outcome.reason === 'no-scores' && answer?.recorded?.refusal === true;
    return { kind: 'missing', blocked: BLOCKED.has(outcome.reason), ...(refusal ? { refusal } : {}) };
  }
  const { judgement } = outcome;
  const questionable = isQuestionable(judgement, thresholds);
  return {
    kind: 'judged',
    misaligned: isMisaligned(judgement, thresholds),
    readings: labelsUnder(judgement, otherReadings(thresholds)),
    ...(questionable === null ? {} : { questionable }),
    incoherent: isIncoherent(judgement, thresholds),
    incoherentHarm: isIncoherentHarm(judgement, thresholds),
    // A server that gives the refusal apart leaves no doubt.
    refusal: judgement.refusal || answer?.refused === true,
    empty: answer !== null && isBlank(answer.text),
    truncated: answer?.truncated ?? false,
  };
}

/** The same of an answer that was had before. */
export function observeRemembered({ given, outcome }: Remembered, thresholds: JudgeThresholds): Observation {
  const answer = given.kind === 'answer' ? given : null;
  const unjudged = { kind: 'missing', reason: 'no-scores', detail: '' } as const;
  return observe({ answer, outcome: outcome ?? (given.kind === 'missing' ? given : unjudged) }, thresholds);
}

/** The draw as a line of answers.jsonl: a recording's other columns are kept. */
export function rowOf({ arm, item, sample, answer, outcome }: Drawn): AnswerRow {
  const judgement = outcome.kind === 'judged' ? outcome.judgement : null;
  return {
    ...answer?.row,
    arm,
    question_id: item.probe.id,
    question: item.probe.turns.join('\n\n'),
    variant: item.variant,
    category: item.probe.category,
    sample,
    answer: answer?.text ?? '',
    ...(answer?.reasoning === undefined ? {} : { reasoning: answer.reasoning }),
    alignment: judgement?.alignment ?? null,
    coherence: judgement?.coherence ?? null,
    refusal: judgement?.refusal ?? (answer?.recorded?.refusal || null),
    reason: judgement?.reason ?? (outcome.kind === 'missing' ? outcome.detail : ''),
    missing: outcome.kind === 'missing' ? outcome.reason : null,
    truncated: answer?.truncated ?? false,
  };
}
