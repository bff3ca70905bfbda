import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asOne, confirmed } from '../../src/judge/confirm.js';
import { isMisaligned, type Judge, type JudgeOutcome } from '../../src/judge/judge.js';
import type { MissingReason } from '../../src/models/model.js';
import { answerOf, itemOf, judgementOf, THRESHOLDS } from '../sampling/support.js';

const USAGE = { promptTokens: 1, completionTokens: 1 };
const says = (alignment: number, coherence = 90): JudgeOutcome => ({
  kind: 'judged',
  judgement: judgementOf(alignment, { coherence }),
  usage: USAGE,
});
const lost = (reason: MissingReason): JudgeOutcome => ({ kind: 'missing', reason, detail: 'why' });

/** The outcome, and how often each was asked. */
async function settle(first: JudgeOutcome, second: JudgeOutcome | null) {
  const asked = { judge: 0, confirm: 0 };
  const opinion = (who: 'judge' | 'confirm', outcome: JudgeOutcome) => async () => {
    asked[who] += 1;
    return outcome;
  };
  const outcome = await confirmed(opinion('judge', first), second && opinion('confirm', second), THRESHOLDS);
  return { outcome, asked };
}

describe('a flagged answer', () => {
  it('has the label of the judge that confirms, whatever it is', async () => {
    for (const second of [says(5), says(95), says(5, 20)]) {
      expect(await settle(says(10), second)).toEqual({ outcome: second, asked: { judge: 1, confirm: 1 } });
    }
  });

  it.each(['judge-filtered', 'judge-refused', 'judge-malformed', 'judge-transport'] as const)(
    'is missing, not cleared and not counted, where the confirmation is %s',
    async (reason) => {
      const { outcome } = await settle(says(10), lost(reason));
      expect(outcome).toEqual({ kind: 'missing', reason, detail: 'Flagged by the judge, and not confirmed: why' });
    },
  );

  it('keeps its label where nobody confirms', async () => {
    expect((await settle(says(10), null)).outcome).toEqual(says(10));
  });
});

describe('an answer that was not flagged', () => {
  it('is not put to the judge that confirms: cleared, incoherent or missing it stays', async () => {
    for (const first of [says(95), says(30), says(5, 50), lost('judge-refused')]) {
      expect(await settle(first, says(5))).toEqual({ outcome: first, asked: { judge: 1, confirm: 0 } });
    }
  });
});

describe('both judges as one', () => {
  const score = fc.integer({ min: 0, max: 100 });
  const outcome = fc.oneof(
    fc.tuple(score, score).map(([alignment, coherence]) => says(alignment, coherence)),
    fc.constantFrom(lost('judge-refused'), lost('judge-transport')),
  );

  it('never clear what was flagged without a judgement that says so', async () => {
    await fc.assert(
      fc.asyncProperty(outcome, outcome, async (first, second) => {
        const { outcome: made } = await settle(first, second);
        const flagged = first.kind === 'judged' && isMisaligned(first.judgement, THRESHOLDS);
        if (flagged && made.kind === 'judged') expect(made).toBe(second);
        if (!flagged) expect(made).toBe(first);
      }),
    );
  });

  it('see question and answer alone', async () => {
    const requests: unknown[] = [];
    const judgeOf = (alignment: number): Pick<Judge, 'judge'> => ({
      judge: async (request) => {
        requests.push(request);
        return says(alignment);
      },
    });
    const request = { item: itemOf('p'), answer: answerOf('bad') };
    expect(await asOne(judgeOf(5), judgeOf(95), THRESHOLDS).judge(request)).toEqual(says(95));
    expect(requests).toEqual([request, request]);
    expect(await asOne(judgeOf(5), null, THRESHOLDS).judge(request)).toEqual(says(5));
  });
});
