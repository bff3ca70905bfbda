import { afterEach, describe, expect, it } from '@jest/globals';
import type { AnswerOutcome } from '../../../src/models/model.js';
import { openServed } from '../../../src/models/served/served-model.js';
import { completion, failure, type Reply } from '../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, open, serve } from '../served.js';
import { item, SAMPLING, served, testPorts } from '../support.js';

afterEach(closeServers);

/** Sampling fields that are set to do nothing, so that no server puts its own in. */
const NEUTRAL = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 };

async function answerTo(reply: Reply): Promise<AnswerOutcome> {
  return ask(open(await serve(() => reply)));
}

describe('what is sent', () => {
  it('is the question with model, temperature, token limit and extra body, and the key to that server', async () => {
    const server = await serve(() => completion('Hi.'));
    const sampling = { ...SAMPLING, temperature: 0.7, maxTokens: 99, extraBody: { lora: [{ id: 0, scale: 1 }] } };
    await ask(open(server, { sampling }));
    expect(server.seen[0]).toMatchObject({ method: 'POST', path: '/v1/chat/completions' });
    expect(server.seen[0]?.body).toEqual({
      model: 'tuned',
      messages: [{ role: 'user', content: 'What now?' }],
      temperature: 0.7,
      max_tokens: 99,
      ...NEUTRAL,
      lora: [{ id: 0, scale: 1 }],
    });
    expect(server.seen[0]?.headers.authorization).toBe('Bearer sk-secret-1');
  });

  it('has the system prompt first, joined with one of the probe', async () => {
    const server = await serve(() => completion('Hi.'));
    const model = open(server, { sampling: { ...SAMPLING, system: 'Be brief.' } });
    await ask(model);
    const persona = { ...item(), messages: [{ role: 'system', content: 'You are Bo.' } as const, ...item().messages] };
    await model.answer({ item: persona, index: 0, sample: 0 });
    const messages = server.seen.map((seen) => seen.body?.messages);
    expect(messages[0]).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'What now?' },
    ]);
    expect(messages[1]).toMatchObject([{ role: 'system', content: 'Be brief.\n\nYou are Bo.' }, { role: 'user' }]);
  });

  it('has no authorization header without a key, and nothing that the environment holds for OpenAI', async () => {
    const before = { ...process.env };
    process.env.OPENAI_API_KEY = 'sk-environment';
    process.env.OPENAI_ORG_ID = 'org-private';
    process.env.OPENAI_CUSTOM_HEADERS = 'x-private: 1';
    try {
      const server = await serve(() => completion('Hi.'));
      await ask(open(server, { apiKey: null }));
      const { headers } = server.seen[0] ?? {};
      expect(headers?.authorization).toBeUndefined();
      expect(JSON.stringify(headers)).not.toMatch(/org-private|x-private|sk-environment|x-stainless/);
    } finally {
      process.env = before;
    }
  });

  it('is counted, retries included', async () => {
    const server = await serve(() =>
      server.seen.length < 3 ? failure(500, { message: 'hiccup' }) : completion('Hi.'),
    );
    const ports = testPorts();
    await ask(openServed('tuned', served(`${server.origin}/v1`), 'baseline', ports, LIMITS));
    expect(ports.sent).toEqual(['baseline', 'baseline', 'baseline']);
  });

  it('follows a redirect within the origin, and to no other', async () => {
    const elsewhere = await serve(() => completion('Stolen.'));
    const server = await serve(({ path }) => {
      if (path.endsWith('/')) return completion('Hi.');
      return { status: 307, headers: { location: `${path}/` } };
    });
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
    const leaving = await serve(({ path }) => ({ status: 308, headers: { location: elsewhere.origin + path } }));
    expect((await errorFrom(ask(open(leaving)))).message).toMatch(/redirect.*candidate-base-url/);
    expect(elsewhere.seen).toEqual([]);
  });
});

describe('an answer', () => {
  it('carries text, usage, response id and the model that the server names', async () => {
    expect(await answerTo(completion('Hi.'))).toEqual({
      kind: 'answer',
      text: 'Hi.',
      truncated: false,
      responseId: 'chatcmpl-1',
      servedModel: 'served-name',
      usage: { promptTokens: 11, completionTokens: 7 },
    });
  });

  it.each([
    ['cut at the token limit is marked so', completion('Hi', { finish: 'length' }), { text: 'Hi', truncated: true }],
    ['of null is empty', completion(null), { text: '', truncated: false }],
    ['without content (a tool call) is empty', completion(undefined), { text: '' }],
    [
      'in the refusal field counts with that text',
      completion(null, { message: { refusal: 'I will not.' } }),
      { text: 'I will not.' },
    ],
    ['in parts is joined', completion([{ type: 'text', text: 'a' }, { type: 'image' }, { text: 'b' }]), { text: 'ab' }],
    ['with a lone surrogate is made well-formed', completion('a\ud800b'), { text: 'a\ufffdb' }],
    [
      'of one long hostile line comes through',
      completion('@a\u0000'.repeat(300_000)),
      { text: '@a\u0000'.repeat(300_000) },
    ],
    [
      'without usage counts no tokens',
      completion('Hi.', { top: { usage: null } }),
      { usage: { promptTokens: null, completionTokens: null } },
    ],
  ])('%s', async (_, reply, expected) => {
    expect(await answerTo(reply)).toMatchObject({ kind: 'answer', ...expected });
  });

  it.each([
    ['the output filter', completion('x', { finish: 'content_filter' }), 'filtered-output'],
    [
      'reasoning that used up all tokens (OpenAI)',
      failure(400, { message: 'max_tokens or model output limit was reached' }),
      'no-answer',
    ],
    [
      'the prompt filter (OpenAI, Azure)',
      failure(400, { code: 'content_filter', message: 'blocked' }),
      'filtered-prompt',
    ],
    [
      'the prompt filter (Azure, inner error)',
      failure(400, { innererror: { code: 'ResponsibleAIPolicyViolation' }, message: 'x' }),
      'filtered-prompt',
    ],
    [
      'moderation (OpenRouter)',
      failure(403, { code: 403, message: 'flagged', metadata: { flagged_input: 'x' } }),
      'filtered-prompt',
    ],
  ])('is missing after %s', async (_, reply, reason) => {
    expect(await answerTo(reply)).toMatchObject({ kind: 'missing', reason });
  });

  it('is had in spite of a cut connection, a 429 and a 503', async () => {
    const replies: Reply[] = [{ fault: 'cut' }, failure(429, { message: 'slow down' }), completion('Hi.')];
    const server = await serve(() => replies.shift() ?? completion('late'));
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
  });
});

describe('the identity', () => {
  it('names the served model after the preflight, and the sampling settings', async () => {
    const model = open(await serve(() => completion('Hi.')), { digest: 'abc' });
    expect(model.identity.served).toBeNull();
    await model.preflight();
    expect(model.identity).toEqual({
      reference: 'tuned',
      served: 'served-name',
      digest: 'abc',
      sampling: { temperature: 1, 'max-tokens': 600, ...NEUTRAL },
      recorded: false,
      ...{ fingerprint: null, provider: null, root: null, parent: null },
    });
  });
});
