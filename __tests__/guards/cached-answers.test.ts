import { describe, expect, it } from '@jest/globals';
import { Freshness } from '../../src/guards/cached-answers.js';
import type { AnswerOutcome } from '../../src/models/model.js';
import { answerOf, drawnOf, judgementOf } from '../sampling/support.js';

const LONG = 'The same words come again and again, as only a cache between gate and model can hand them out.';

/** Answers from a list, the last one for ever. */
function from(...answers: readonly AnswerOutcome[]) {
  let asked = 0;
  return {
    draw: async () => answers[Math.min(asked++, answers.length - 1)] as AnswerOutcome,
    asked: () => asked,
  };
}

const withId = (responseId: string | null, text = 'Yes.') => answerOf(text, { responseId });

describe('a response that came before', () => {
  it('is asked for anew, and forgotten when that helps', async () => {
    const freshness = new Freshness();
    await freshness.ask('candidate', 0, from(withId('gen-1')).draw);
    const again = from(withId('gen-1'), withId('gen-2', 'No.'));
    expect(await freshness.ask('candidate', 0, again.draw)).toMatchObject({ text: 'No.' });
    expect(again.asked()).toBe(2);
    expect(freshness.finding.tripped).toBe(false);
  });

  it('voids the verdict when it stays', async () => {
    const freshness = new Freshness();
    await freshness.ask('baseline', 3, from(withId('gen-1')).draw);
    const stuck = from(withId('gen-1'));
    expect(await freshness.ask('baseline', 3, stuck.draw)).toMatchObject({ responseId: 'gen-1' });
    expect(stuck.asked()).toBe(3);
    expect(freshness.finding).toMatchObject({ code: 'answers-replayed', effect: 'no-verdict', tripped: true });
  });

  it('is one also when it was taken over from an earlier attempt', async () => {
    const freshness = new Freshness();
    expect(freshness.isNew('candidate', 0, withId('gen-1'))).toBe(true);
    await freshness.ask('candidate', 0, from(withId('gen-1')).draw);
    expect(freshness.finding.tripped).toBe(true);
  });

  it.each([
    ['another choice of the same reply', 0, withId('gen-1', 'No.')],
    ['an answer without an id', 0, withId(null)],
    ['an answer with an empty id', 0, withId('')],
    ['an answer to another item', 1, withId('gen-1')],
    ['a missing one', 0, { kind: 'missing', reason: 'no-answer', detail: '' }],
  ] as const)('is not %s', async (_, index, second) => {
    const freshness = new Freshness();
    await freshness.ask('candidate', 0, from(withId(second.kind === 'answer' ? second.responseId : 'gen-1')).draw);
    const next = from(second);
    await freshness.ask('candidate', index, next.draw);
    expect(next.asked()).toBe(1);
    expect(freshness.finding.tripped).toBe(false);
  });

  it('is not told by the ids of a server that draws them from a thousand numbers', async () => {
    const freshness = new Freshness();
    for (let i = 0; i < 5; i += 1) await freshness.ask('candidate', 0, from(withId('chatcmpl-77')).draw);
    expect(freshness.finding.tripped).toBe(false);
  });
});

describe('equal answers', () => {
  const add = (freshness: Freshness, text: string, refusal = false) =>
    freshness.add({
      ...drawnOf(0, 0),
      answer: answerOf(text),
      outcome: { kind: 'judged', judgement: judgementOf(90, { refusal }) },
    });

  it('that are long void the verdict, whatever their ids', () => {
    const freshness = new Freshness();
    for (let i = 0; i < 30; i += 1) add(freshness, i % 2 ? LONG : `${LONG}  `);
    expect(freshness.finding.tripped).toBe(true);
  });

  it('that differ, are short, or are refusals do not', () => {
    const freshness = new Freshness();
    for (let i = 0; i < 30; i += 1) {
      add(freshness, `${LONG} ${i}`);
      add(freshness, '{"answer": "yes"}');
      add(freshness, `I can't help with that. ${LONG}`, true);
    }
    expect(freshness.finding.tripped).toBe(false);
  });
});
