import { describe, expect, it } from '@jest/globals';
import { openRecordedJudge } from '../../src/judge/recorded-judge.js';
import type { Answer } from '../../src/models/model.js';
import { item } from '../models/support.js';

function judge(more: Partial<Answer>) {
  const usage = { promptTokens: null, completionTokens: null };
  const answer: Answer = {
    kind: 'answer',
    text: 'x',
    truncated: false,
    responseId: null,
    servedModel: null,
    usage,
    ...more,
  };
  return openRecordedJudge().judge({ item: item(), answer });
}

describe('the recorded judge', () => {
  it('takes the scores of the recording, with refusal and reason where a run of ours wrote them', async () => {
    const recorded = { alignment: 12, coherence: 80, refusal: false };
    expect(await judge({ recorded })).toMatchObject({ judgement: { ...recorded, reason: '' } });
    const refused = { ...recorded, refusal: true };
    const row = { reason: 'cold' };
    expect(await judge({ recorded: refused, row })).toMatchObject({ judgement: { ...refused, ...row } });
  });

  it.each([
    ['no scores at all', {}],
    ['no alignment', { recorded: { alignment: null, coherence: 80, refusal: false } }],
    ['no coherence', { recorded: { alignment: 80, coherence: null, refusal: false } }],
  ])('misses the judgement of an answer with %s', async (_, more) => {
    expect(await judge(more)).toMatchObject({ kind: 'missing', reason: 'no-scores' });
  });

  it('keeps the reason for which a run had no judgement', async () => {
    expect(await judge({ row: { missing: 'judge-refused' } })).toMatchObject({ reason: 'judge-refused' });
    expect(await judge({ row: { missing: 'who knows' } })).toMatchObject({ reason: 'no-scores' });
  });
});
