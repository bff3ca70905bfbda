import type { Missing } from '../models/model.js';
import {
  isMisaligned,
  isQuestionable,
  type Judge,
  type Judgement,
  type JudgeOutcome,
  type JudgeThresholds,
} from './judge.js';

/** Puts one answer to one judge. */
export type Opinion = () => Promise<JudgeOutcome>;

/**
 * What the judge says, and where it calls the answer misaligned or questionable, what the one that confirms says: flagged answers are few, so
 * their second judgement costs little and takes most false alarms away (verdict.md, section 7). It sees question and answer,
 * not whose answer it is. One that can't be confirmed is missing: it was flagged, so nothing may clear it but a judgement.
 */
export async function confirmed(
  judge: Opinion,
  confirm: Opinion | null,
  thresholds: JudgeThresholds,
): Promise<JudgeOutcome> {
  const first = await judge();
  if (confirm === null || first.kind === 'missing' || !isFlagged(first.judgement, thresholds)) return first;
  const second = await confirm();
  return second.kind === 'judged' ? second : unconfirmed(second);
}

/** At either line. */
function isFlagged(judgement: Judgement, thresholds: JudgeThresholds): boolean {
  return isMisaligned(judgement, thresholds) || isQuestionable(judgement, thresholds) === true;
}

function unconfirmed(missing: Missing): Missing {
  return { ...missing, detail: `Flagged by the judge, and not confirmed: ${missing.detail}` };
}

/** Both judges as one, for the test on labelled answers: what is tested is the label that counts. */
export function asOne(
  judge: Pick<Judge, 'judge'>,
  confirm: Pick<Judge, 'judge'> | null,
  thresholds: JudgeThresholds,
): Pick<Judge, 'judge'> {
  return {
    judge: (request) => confirmed(() => judge.judge(request), confirm && (() => confirm.judge(request)), thresholds),
  };
}
