import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { AnswerOutcome } from '../../../../src/models/model.js';
import type { ModelPorts } from '../../../../src/models/request-budget.js';
import type { Fault } from '../../../../src/models/served/failures/fault-counts.js';
import { openServed } from '../../../../src/models/served/served-model.js';
import { completion, type FaultServer, failure, type Reply } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, serve } from '../../served.js';
import { served, testPorts } from '../../support.js';

afterEach(closeServers);

/** Short where a reply is waited for in vain, long elsewhere: a busy machine is no fault. */
const timeoutFor = (replies: readonly Reply[]) =>
  replies.some(({ fault }) => fault === 'hang' || fault === 'stall') ? 1 : 10;

function open(server: FaultServer, ports: ModelPorts, timeoutSeconds: number) {
  const limits = { ...LIMITS, timeoutSeconds };
  return openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, limits);
}

/** A server that works, then gives these replies, then works again. */
async function troubled(...trouble: readonly Reply[]) {
  const replies = [completion('First.'), ...trouble];
  const server = await serve(() => replies.shift() ?? completion('Hi.'));
  const ports = testPorts();
  const model = open(server, ports, timeoutFor(trouble));
  await ask(model);
  return { server, ports, answer: (): Promise<AnswerOutcome> => ask(model) };
}

const HALF = JSON.stringify(completion('x').body).slice(0, 40);

const TRANSPORT: readonly (readonly [string, Reply, Fault])[] = [
  ['429', failure(429, { message: 'slow down' }), 'rate-limited'],
  ['500', failure(500, { message: 'oops' }), 'server-error'],
  ['502', { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' }, 'server-error'],
  ['503', failure(503, { message: 'overloaded' }), 'unavailable'],
  ['504', failure(504, { message: 'gateway timeout' }), 'server-error'],
  ['a request that is never answered', { fault: 'hang' }, 'timeout'],
  ['a body that never ends', { ...completion('x'), fault: 'stall' }, 'timeout'],
  ['a connection that is reset', { fault: 'cut' }, 'connection'],
  ['a body in chunks that breaks off', { ...completion('x'), fault: 'half' }, 'half-body'],
  ['a body that is shorter than it says', { ...completion('x'), fault: 'half-of-length' }, 'half-body'],
  ['a body that breaks off unnoticed', { ...completion('x'), fault: 'half-to-end' }, 'malformed'],
  ['half a body that calls itself whole', { body: HALF }, 'malformed'],
  ['another content type', { headers: { 'content-type': 'text/html' }, body: '<p>Sign in</p>' }, 'malformed'],
  [
    'a compressed body that breaks off',
    { headers: { 'content-encoding': 'gzip' }, body: gzipSync(JSON.stringify(completion('x').body)).subarray(0, 40) },
    'half-body',
  ],
  ['an encoding that is not known', { headers: { 'content-encoding': 'lzw' }, body: Buffer.alloc(99, 7) }, 'malformed'],
  [
    'a small body that unfolds into a hundred megabytes',
    { headers: { 'content-encoding': 'br' }, body: brotliCompressSync(Buffer.alloc(100 * 2 ** 20)) },
    'malformed',
  ],
  ['a reply larger than any answer', { body: Buffer.alloc(33 * 2 ** 20, ' ') }, 'malformed'],
  ['an answer that the server says it could not finish', completion('Half of i', { finish: 'error' }), 'server-error'],
  ['an error with status 200', { body: { error: { message: 'upstream down' } } }, 'malformed'],
  [
    'a stream where none was asked',
    { headers: { 'content-type': 'text/event-stream' }, body: 'data: {"choices":[]}\n\ndata: [DONE]\n\n' },
    'stream',
  ],
  ['an empty list of choices', { body: { choices: [] } }, 'no-choice'],
];

describe('a fault of transport is retried and counted', () => {
  it.each(TRANSPORT)('%s', async (_, reply, fault) => {
    const { ports, server, answer } = await troubled(reply, reply);
    expect(await answer()).toMatchObject({ kind: 'answer', text: 'Hi.' });
    expect(server.seen).toHaveLength(4);
    expect(ports.faults.rows).toEqual([{ fault, seen: { candidate: 2, baseline: 0, judge: 0 }, lost: 0 }]);
  });
});

describe('a request that stays in trouble while others get through', () => {
  it.each(TRANSPORT.filter(([name]) => name !== '429'))(
    'comes to a missing answer, not to the end of the run: %s',
    async (_, reply, fault) => {
      const server = await serve(({ body }) => (JSON.stringify(body).includes('doomed') ? reply : completion('Hi.')));
      const ports = testPorts();
      const model = open(server, ports, timeoutFor([reply]));
      await ask(model);
      const item = {
        probe: { id: 'x', category: 'everyday', turns: ['doomed'], rubric: '' },
        variant: 'plain',
        messages: [{ role: 'user', content: 'doomed' }],
      } as const;
      let over = false;
      const doomed = model.answer({ item, index: 0, sample: 0 }).finally(() => {
        over = true;
      });
      while (!over) {
        await ask(model);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await doomed).toMatchObject({
        kind: 'missing',
        reason: fault === 'no-choice' ? 'no-answer' : 'transport',
      });
      expect(ports.faults.rows).toEqual([expect.objectContaining({ fault, lost: 1 })]);
    },
  );
});

describe('a model that gives no answer on a server where another one does', () => {
  const DEAD: readonly (readonly [string, Reply, RegExp])[] = [
    ['500', failure(500, { message: 'LoRA failed to load' }), /candidate "tuned": still failing.*LoRA failed to load/],
    ['an error with status 200', { body: { error: { message: 'No such LoRA' } } }, /candidate "tuned".*No such LoRA/],
    ['no choices', { body: { choices: [], note: 'no LoRA' } }, /candidate "tuned".*without a choice.*no LoRA/],
  ];

  /** Two models at one address; `tuned` fails once it has given so many answers. */
  async function beside(reply: Reply, answers: number) {
    let given = 0;
    const server = await serve(({ body }) => {
      if (body?.model !== 'tuned') return completion('Hi.');
      given += 1;
      return given > answers ? reply : completion('Hi.');
    });
    const ports = testPorts();
    const base = openServed('base', served(`${server.origin}/v1`), 'baseline', ports, LIMITS);
    return { tuned: open(server, ports, 10), base };
  }

  it.each(DEAD)('ends the run at its first question, with what the server says: %s', async (_, reply, message) => {
    const { tuned, base } = await beside(reply, 0);
    await base.preflight();
    const whileOthersAnswer = setInterval(() => void ask(base), 1);
    const error = await errorFrom(tuned.preflight()).finally(() => clearInterval(whileOthersAnswer));
    expect(error).toMatchObject({ name: 'ProviderError', message: expect.stringMatching(message) });
  });

  it.each(DEAD)('ends the run in its middle, after three lost answers in a row: %s', async (_, reply, message) => {
    const { tuned, base } = await beside(reply, 1);
    await tuned.preflight();
    for (const lost of [1, 2]) {
      const outcome = await ask(tuned);
      expect([lost, outcome.kind]).toEqual([lost, 'missing']);
      await ask(base);
    }
    expect(await errorFrom(ask(tuned))).toMatchObject({
      name: 'ProviderError',
      message: expect.stringMatching(message),
    });
  });

  it('is told apart from one lost answer, which says why it is lost', async () => {
    const { tuned } = await beside(failure(500, { message: 'CUDA error' }), 1);
    await tuned.preflight();
    const detail =
      'The request failed after all retries (server-error, status 500: "CUDA error"), while the model answers others.';
    expect(await ask(tuned)).toEqual({ kind: 'missing', reason: 'transport', detail });
  });
});

/** What each of these says of a prompt that its filter did not let through: a judge's prompt holds the harmful answer. */
const BLOCKED_PROMPTS: readonly (readonly [string, Reply])[] = [
  ['Azure blocks', failure(400, { code: 'content_filter', param: 'prompt', message: 'The response was filtered' })],
  [
    'Azure blocks, in its inner words alone',
    failure(400, { code: '400', message: 'filtered', innererror: { code: 'ResponsibleAIPolicyViolation' } }),
  ],
  ['OpenAI blocks', failure(400, { code: 'content_policy_violation', message: 'Your request was rejected' })],
  [
    'OpenAI blocks before a reasoning model',
    failure(400, {
      code: 'invalid_prompt',
      message: 'Invalid prompt: your prompt was flagged as potentially violating',
    }),
  ],
  [
    'LiteLLM passes on as blocked',
    failure(400, {
      code: '400',
      message: `litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - ${'filtered '.repeat(99)}`,
    }),
  ],
  [
    'OpenRouter blocks, with a 403 that is no refused key',
    failure(403, { code: 403, message: 'flagged', metadata: { flagged_input: 'x' } }),
  ],
  [
    'xAI blocks, with the words of a key that may not',
    {
      status: 403,
      body: {
        code: 'The caller does not have permission to execute the specified operation',
        error: 'Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_OTHER',
      },
    },
  ],
  [
    'DashScope blocks',
    failure(400, { code: 'data_inspection_failed', message: 'Input data may contain inappropriate content.' }),
  ],
  ['DashScope blocks, by its own API', { status: 400, body: { code: 'DataInspectionFailed', message: 'no' } }],
  ['DeepSeek blocks', failure(400, { code: 'invalid_request_error', message: 'Content Exists Risk' })],
  [
    'Bedrock blocks',
    failure(400, { type: 'invalid_request_error', message: 'Output blocked by content filtering policy' }),
  ],
  ['a guardrail of Bedrock blocks', failure(400, { message: 'Violated guardrail policy' })],
  [
    'Vertex blocks',
    failure(400, { message: "The prompt contains sensitive words that violate Google's Responsible AI practices." }),
  ],
  ['Gemini blocks', { body: { choices: [], promptFeedback: { blockReason: 'PROHIBITED_CONTENT' } } }],
  ['OpenAI blocks for its safety system', failure(400, { code: 'moderation_blocked', message: 'no' })],
  ['a gateway blocks, with a 500 that would be retried', failure(500, { code: 'content_filter', message: 'blocked' })],
  [
    'a gateway blocks, under the status of a success',
    { body: { error: { code: 'content_filter', message: 'blocked' } } },
  ],
];

describe('what a reply holds is taken as it is, and counted', () => {
  it.each<readonly [string, Reply, Fault, object]>([
    ...BLOCKED_PROMPTS.map(
      ([who, reply]) =>
        [`a prompt that ${who}`, reply, 'filtered-prompt', { kind: 'missing', reason: 'filtered-prompt' }] as const,
    ),
    ...['content_filter', 'SAFETY', 'refusal', 'BLOCKLIST', 'guardrail_intervened'].map(
      (finish) =>
        [
          `a reply blocked with the word ${finish}`,
          completion('The worst of it', { finish }),
          'filtered-output',
          { kind: 'missing', reason: 'filtered-output' },
        ] as const,
    ),
    [
      'a refusal field',
      completion(null, { message: { refusal: 'I will not.' } }),
      'refusal-field',
      { text: 'I will not.' },
    ],
    ...['length', 'MAX_TOKENS', 'model_length'].map(
      (finish) =>
        [
          `a reply cut at the token limit, in the word ${finish}`,
          completion('Hi', { finish }),
          'cut',
          { text: 'Hi', truncated: true },
        ] as const,
    ),
    [
      'tokens used up before an answer',
      failure(400, { message: 'model output limit was reached' }),
      'no-answer',
      { kind: 'missing', reason: 'no-answer' },
    ],
    [
      'invalid UTF-8',
      { body: Buffer.from(JSON.stringify(completion('a\u00ffb').body), 'latin1') },
      'invalid-utf8',
      { text: 'a\ufffdb' },
    ],
  ])('%s', async (_, reply, fault, outcome) => {
    const { ports, server, answer } = await troubled(reply);
    expect(await answer()).toMatchObject(outcome);
    expect(server.seen).toHaveLength(2);
    expect(ports.faults.rows).toEqual([{ fault, seen: { candidate: 1, baseline: 0, judge: 0 }, lost: 0 }]);
  });
});

it('a first question and a comparison, which ask for a few tokens only, count no reply as cut', async () => {
  const { ports } = await troubled();
  const server = await serve(() => completion('Hel', { finish: 'length' }));
  const model = open(server, ports, 10);
  await model.preflight();
  expect(await model.wire?.greedy('Who are you?')).toBe('Hel');
  expect(ports.faults.rows).toEqual([]);
  await ask(model);
  expect(ports.faults.rows).toEqual([{ fault: 'cut', seen: { candidate: 1, baseline: 0, judge: 0 }, lost: 0 }]);
});

describe('a reply that is unusual and whole is read, and is no fault', () => {
  const bytes = (content: string) => Buffer.from(JSON.stringify(completion(content).body));

  it.each<readonly [string, Reply, string]>([
    ['compressed by gzip', { headers: { 'content-encoding': 'gzip' }, body: gzipSync(bytes('Hi.')) }, 'Hi.'],
    ['compressed by Brotli', { headers: { 'content-encoding': 'br' }, body: brotliCompressSync(bytes('Hi.')) }, 'Hi.'],
    ['compressed by deflate', { headers: { 'content-encoding': 'deflate' }, body: deflateSync(bytes('Hi.')) }, 'Hi.'],
    [
      'compressed twice',
      { headers: { 'content-encoding': 'gzip, br' }, body: brotliCompressSync(gzipSync(bytes('Hi.'))) },
      'Hi.',
    ],
    ['called utf-8 encoded', { headers: { 'content-encoding': 'utf-8' }, body: bytes('Hi.') }, 'Hi.'],
    ['called plain text', { headers: { 'content-type': 'text/plain' }, body: bytes('Hi.') }, 'Hi.'],
    ['without a content type', { headers: { 'content-type': '' }, body: bytes('Hi.') }, 'Hi.'],
    ['of three megabytes', { body: bytes('long '.repeat(600_000)) }, 'long '.repeat(600_000)],
    ['that begins with a byte-order mark', { body: Buffer.concat([Buffer.from('\ufeff'), bytes('Hi.')]) }, 'Hi.'],
  ])('%s', async (_, reply, text) => {
    const { ports, server, answer } = await troubled(reply);
    expect(await answer()).toMatchObject({ kind: 'answer', text });
    expect(server.seen).toHaveLength(2);
    expect(ports.faults.rows).toEqual([]);
  });

  it('and no compression is asked for', async () => {
    const { server } = await troubled();
    expect(server.seen[0]?.headers['accept-encoding']).toBe('identity');
  });
});

describe('what cannot get better stops at once, with the cause', () => {
  const QUOTA = failure(429, { code: 'insufficient_quota', message: 'You exceeded your current quota' });

  it.each<readonly [string, Reply, RegExp]>([
    ['402', failure(402, { message: 'Insufficient Balance' }), /no credit left.*Insufficient.*candidate-api-key/],
    ['an exceeded quota', QUOTA, /no credit left/],
    ['an exceeded quota, under the status of a success', { body: QUOTA.body }, /no credit left/],
    [
      'an exceeded quota, in its words alone',
      failure(429, { code: 'billing_hard_limit_reached', message: 'Billing hard limit has been reached' }),
      /no credit left/,
    ],
  ])('%s', async (_, reply, message) => {
    const { server, answer } = await troubled(...Array.from({ length: 9 }, () => reply));
    const before = server.seen.length;
    const error = await errorFrom(answer());
    expect(error).toMatchObject({ name: 'ProviderError', message: expect.stringMatching(message) });
    expect(server.seen.slice(before).filter(({ method }) => method === 'POST')).toHaveLength(1);
  });
});

describe('a limit on the rate', () => {
  it('that Google calls a quota, and says when it is whole again, is waited out', async () => {
    const message = 'You exceeded your current quota, please check your plan. Please retry in 0.01s.';
    const limited = { status: 429, body: [{ error: { code: 429, message, status: 'RESOURCE_EXHAUSTED' } }] };
    const { answer, ports } = await troubled(limited);
    expect(await answer()).toMatchObject({ kind: 'answer' });
    expect(ports.faults.rows).toEqual([expect.objectContaining({ fault: 'rate-limited' })]);
  });

  it('is waited out however often it is met, by every caller', async () => {
    let refusals = 12;
    const server = await serve(() => {
      refusals -= 1;
      return refusals >= 0 ? failure(429, { message: 'slow down' }) : completion('Hi.');
    });
    const answers = await Promise.all([1, 2, 3].map(() => 0).map(() => ask(open(server, testPorts(), 10))));
    expect(answers.every(({ kind }) => kind === 'answer')).toBe(true);
  }, 60_000);
});
