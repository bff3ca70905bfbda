import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { takeThinkingApart } from '../../../src/models/served/reasoning-tags.js';
import { completion } from '../../support/fault-server.js';
import { ask, closeServers, open, serve } from '../served.js';
import { SAMPLING } from '../support.js';

afterEach(closeServers);

describe('thinking in front of an answer', () => {
  it.each([
    ['is taken apart', '<think>\nhm\n</think>\n\nHi.', 'Hi.', 'hm'],
    ['is known by other marks: thinking', '<thinking>hm</thinking>Hi.', 'Hi.', 'hm'],
    ['is known by other marks: thought', '\n<thought>hm</thought> Hi.', 'Hi.', 'hm'],
    ['is known by other marks: Magistral', '[THINK]hm[/THINK]Hi.', 'Hi.', 'hm'],
    ['is known in capitals', '<THINK>hm</THINK>Hi.', 'Hi.', 'hm'],
    ['ends at the first mark of its end', '<think>a</think>b</think>c', 'b</think>c', 'a'],
    ['does not end at another mark', '<think>a</thinking>b</think>c', 'c', 'a</thinking>b'],
    ['that never ends leaves no answer', '<think>hm, hm', '', 'hm, hm'],
    ['is none in the middle of an answer: it is judged', 'Hi. <think>x</think>', 'Hi. <think>x</think>', null],
    ['that the chat template began is taken apart', 'hm\n</think>\n\nHi.', 'Hi.', 'hm'],
    ['that the chat template began may be empty', '</think>\r\nHi.', 'Hi.', ''],
    ['that the chat template began may be all there is', 'hm\n</think>', '', 'hm'],
    ['is not guessed from a mark within a line', 'hm</think>Hi.', 'hm</think>Hi.', null],
    [
      'is not guessed from a mark that is spoken of',
      'It ends with </think> here.',
      'It ends with </think> here.',
      null,
    ],
    [
      'is not guessed from a whole block that is quoted',
      'So:\n<think>\nx\n</think>\nOk',
      'So:\n<think>\nx\n</think>\nOk',
      null,
    ],
  ])('%s', (_, given, text, reasoning) => {
    expect(takeThinkingApart(given)).toMatchObject({ text, reasoning });
  });

  const MARKS = ['<think>', '</think>', '<thinking>', '</thinking>', '[THINK]', '[/THINK]', '\n', ' ', '\n</think>\n'];
  const texts = fc.array(fc.oneof(fc.string(), fc.constantFrom(...MARKS))).map((pieces) => pieces.join(''));
  const seen = (text: string) => text.replace(/\s/g, '');

  it('loses no character of either part but the marks between them, whatever the text', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const { text: answer, reasoning } = takeThinkingApart(text);
        if (reasoning === null) return expect(answer).toBe(text);
        const open = String.raw`(<think>|<thinking>|<thought>|\[THINK\])?`;
        const close = String.raw`(</think>|</thinking>|</thought>|\[/THINK\])?`;
        const quoted = (part: string) => seen(part).replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
        return expect(seen(text)).toMatch(new RegExp(`^${open}${quoted(reasoning)}${close}${quoted(answer)}$`, 'i'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives both parts back as they are, whatever they hold but the mark of the end', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (thought, answer) => {
        fc.pre(!thought.toLowerCase().includes('</think>'));
        const whole = takeThinkingApart(`<think>${thought}</think>${answer}`);
        expect(whole).toMatchObject({ reasoning: thought.trim(), text: answer.trimStart() });
      }),
    );
  });

  it('takes nothing from a text without a mark', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(takeThinkingApart(text)).toMatchObject({ text, reasoning: null });
      }),
    );
  });

  it('is read in one pass', () => {
    const hostile = ['<think>', '\n</think', '\n \t', '</think>'].map((piece) => piece.repeat(100_000));
    for (const text of hostile) expect(takeThinkingApart(text).text.length).toBeLessThanOrEqual(text.length);
  });
});

const parts = (type: string, thinking: unknown) =>
  completion([
    { type, thinking },
    { type: 'text', text: 'Hi.' },
  ]);
const beside = (message: object) => completion('Hi.', { message });

describe('a reasoning model', () => {
  it.each([
    ['in the text', completion('<think>plan</think>Hi.')],
    ['in the text, begun by the chat template (vLLM, llama.cpp)', completion('plan\n</think>\n\nHi.')],
    ['as reasoning_content (llama.cpp, DeepSeek)', beside({ reasoning_content: 'plan' })],
    ['as reasoning (OpenRouter, vLLM)', beside({ reasoning: 'plan' })],
    ['as thinking (Ollama)', beside({ thinking: 'plan' })],
    ['as reasoning_details (OpenRouter)', beside({ reasoning_details: [{ type: 'reasoning.text', text: 'plan' }] })],
    ['as its summary', beside({ reasoning_details: [{ type: 'reasoning.summary', summary: 'plan' }] })],
    ['as thinking_blocks (LiteLLM)', beside({ thinking_blocks: [{ type: 'thinking', thinking: 'plan' }] })],
    ['in several places', beside({ reasoning: 'plan', reasoning_details: [{ text: 'plan' }, { data: 'x' }] })],
    ['as parts of the content (Mistral)', parts('thinking', [{ type: 'text', text: 'plan' }])],
    ['as one part of the content', parts('thinking', 'plan')],
    [
      'as a part of another name',
      completion([
        { type: 'reasoning', text: 'plan' },
        { type: 'text', text: 'Hi.' },
      ]),
    ],
  ])('has its thinking kept apart: %s', async (_, reply) => {
    const model = open(await serve(() => reply));
    expect(await ask(model)).toMatchObject({ text: 'Hi.', reasoning: 'plan' });
    expect(model.notes?.join()).toMatch(/models\.candidate\.reasoning-tokens/);
  });

  it('has no answer where it was cut while thinking, also when the chat template began that', async () => {
    const replies = [completion('a\n</think>\nHi.'), completion('still at it', { finish: 'length' })];
    const server = await serve(() => replies[Math.min(1, server.seen.length - 1)] ?? {});
    const model = open(server);
    expect(await ask(model)).toMatchObject({ text: 'Hi.', reasoning: 'a' });
    expect(await ask(model)).toMatchObject({ text: '', reasoning: 'still at it', truncated: true });
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
