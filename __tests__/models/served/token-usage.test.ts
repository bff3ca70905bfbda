import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { billedUsage } from '../../../src/models/served/token-usage.js';

const ANSWER = 'I would sleep, read and walk along the river, and tell my sister of it in the evening. '.repeat(8);

function billed(usage: unknown, answer: unknown = ANSWER) {
  return billedUsage(JSON.stringify({ choices: [{ message: { content: answer } }], usage }));
}

const counts = (prompt_tokens: unknown, completion_tokens: unknown, more = {}) => ({
  ...{ prompt_tokens, completion_tokens },
  ...more,
});

describe("a server's counts of tokens", () => {
  it('are taken as they stand where they can be true', () => {
    expect(billed(counts(90, 180, { total_tokens: 270 }))).toEqual({ promptTokens: 90, completionTokens: 180 });
    expect(billed(counts(90, 1e9))).toMatchObject({ completionTokens: 1e9 });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a word', 'many'],
    ['negative ones', counts(-90, -180)],
    ['fractions', counts(90.5, 180.5)],
    ['numerals', counts('90', '180')],
    ['more than a number can tell apart', counts(1e308, 1e308)],
    ['none at all, of a prompt and an answer that are there', counts(0, 0, { total_tokens: 0 })],
  ])('that are %s are none', (_, usage) => {
    expect(billed(usage)).toEqual({ promptTokens: null, completionTokens: null });
  });

  it('may be wrong one by one', () => {
    expect(billed(counts(0, 180))).toEqual({ promptTokens: null, completionTokens: 180 });
    expect(billed(counts(90, 0))).toEqual({ promptTokens: 90, completionTokens: null });
  });

  it('may be 0 for an answer without text', () => {
    for (const empty of ['', null]) expect(billed(counts(90, 0), empty)).toMatchObject({ completionTokens: 0 });
  });

  it('hold for answers in parts, for thinking and for a refusal too', () => {
    const of = (message: object) =>
      billedUsage(JSON.stringify({ choices: [{ message }], usage: counts(90, 0) })).completionTokens;
    expect(of({ content: [{ type: 'text', text: ANSWER }] })).toBeNull();
    expect(of({ content: '', reasoning_content: ANSWER })).toBeNull();
    expect(of({ refusal: ANSWER })).toBeNull();
    expect(of({ content: null, tool_calls: [{}] })).toBe(0);
  });

  it('with thinking in the total only, are counted with it', () => {
    expect(billed(counts(90, 180, { total_tokens: 1270 }))).toEqual({ promptTokens: 90, completionTokens: 1180 });
    expect(billed(counts(90, 180, { total_tokens: 100 }))).toMatchObject({ completionTokens: 180 });
  });

  it('of anything that is no reply are none', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (reply) => {
        const { promptTokens, completionTokens } = billedUsage(reply);
        for (const tokens of [promptTokens, completionTokens]) {
          expect(tokens === null || (Number.isSafeInteger(tokens) && tokens >= 0)).toBe(true);
        }
      }),
    );
  });
});
