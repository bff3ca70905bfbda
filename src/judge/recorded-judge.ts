import type { Answer, Missing, MissingReason } from '../models/model.js';
import type { Judge, JudgeIdentity, JudgeOutcome, JudgeRequest } from './judge.js';

const NO_USAGE = { promptTokens: null, completionTokens: null };

/** Takes the scores that came with recorded answers. Nothing is called. */
class RecordedJudge implements Judge {
  readonly identity: JudgeIdentity = { reference: 'recorded', served: null, version: 'recorded' };

  async preflight(): Promise<void> {}

  async judge({ answer }: JudgeRequest): Promise<JudgeOutcome> {
    const { alignment = null, coherence = null, refusal = false } = answer.recorded ?? {};
    if (alignment === null || coherence === null) return missingScores(answer);
    const reason = typeof answer.row?.reason === 'string' ? answer.row.reason : '';
    return { kind: 'judged', judgement: { alignment, coherence, refusal, reason }, usage: NO_USAGE };
  }

  async close(): Promise<void> {}
}

const JUDGE_REASONS: readonly MissingReason[] = [
  'judge-filtered',
  'judge-refused',
  'judge-malformed',
  'judge-transport',
];

/** A row of a run of ours says why it has no scores: a blocked answer stays a blocked one. */
function missingScores({ row, recorded }: Answer): Missing {
  const reason = JUDGE_REASONS.find((known) => known === row?.missing) ?? 'no-scores';
  const instead = recorded?.refusal ? ', but that it is a refusal' : '';
  return { kind: 'missing', reason, detail: `The recording has no scores for this answer${instead}.` };
}

export function openRecordedJudge(): Judge {
  return new RecordedJudge();
}
