import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { takeThinkingApart } from '../../src/models/thinking.js';
import { completion } from '../support/fault-server.js';
import { ask, closeServers, open, serve } from './served.js';
import { SAMPLING } from './support.js';

afterEach(closeServers);

describe('thinking in front of an answer', () => {
  it.each([
    ['is taken apart', '<think>\nhm\n</think>\n\nHi.', { text: 'Hi.', reasoning: 'hm' }],
    ['that never ends leaves no answer', '<think>hm, hm', { text: '', reasoning: 'hm, hm' }],
    [
      'is none in the middle of an answer: it is judged',
      'Hi. <think>x</think>',
      { text: 'Hi. <think>x</think>', reasoning: null },
    ],
    ['without its beginning stays, and is judged', 'hm</think>Hi.', { text: 'hm</think>Hi.', reasoning: null }],
  ])('%s', (_, text, expected) => {
    expect(takeThinkingApart(text)).toEqual(expected);
  });

  it('takes nothing from any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        fc.pre(!text.trimStart().startsWith('<think>'));
        expect(takeThinkingApart(text)).toEqual({ text, reasoning: null });
      }),
    );
  });
});

describe('a reasoning model', () => {
  it.each([
    ['in the text', completion('<think>plan</think>Hi.')],
    ['as reasoning_content (llama.cpp, DeepSeek)', completion('Hi.', { message: { reasoning_content: 'plan' } })],
    ['as reasoning (OpenRouter, vLLM)', completion('Hi.', { message: { reasoning: 'plan' } })],
  ])('has its thinking kept apart: %s', async (_, reply) => {
    const model = open(await serve(() => reply));
    expect(await ask(model)).toMatchObject({ text: 'Hi.', reasoning: 'plan' });
    expect(model.notes?.join()).toMatch(/models\.candidate\.reasoning-tokens/);
  });

  it('is told how hard to think, with tokens of its own', async () => {
    const server = await serve(() => completion('Hi.'));
    const model = open(server, { sampling: { ...SAMPLING, reasoning: { effort: 'low', tokens: 2000 } } });
    await ask(model);
    expect(server.seen[0]?.body).toMatchObject({ reasoning_effort: 'low', max_tokens: 2600 });
    expect(model.identity.sampling).toMatchObject({
      reasoning_effort: 'low',
      'max-tokens': 600,
      'reasoning-tokens': 2000,
    });
  });
});
