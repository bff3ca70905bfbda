import { afterEach, describe, expect, it } from '@jest/globals';
import { openLlmJudge } from '../../../../src/judge/llm/llm-judge.js';
import { openServed } from '../../../../src/models/served/served-model.js';
import { completion, failure, type Reply, type Seen } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, serve } from '../../served.js';
import { item, SAMPLING, served, testPorts } from '../../support.js';

afterEach(closeServers);

const HTML = { 'content-type': 'text/html' };

/** What one request in many may get from a server that works, in words that nobody can list. */
const STRANGE: readonly (readonly [string, Reply, RegExp])[] = [
  ['a 400 in JSON', failure(400, { message: 'Bad request' }), /status 400: "Bad request"/],
  ['a 400 in HTML', { status: 400, headers: HTML, body: '<h1>Request blocked</h1>' }, /status 400: "Request blocked"/],
  ['a 400 without words', { status: 400, body: '' }, /status 400/],
  ['a 401 of one bad replica', failure(401, { message: 'bad key' }), /status 401: "bad key"/],
  ['a 403 of a firewall', { status: 403, headers: HTML, body: '<p>Forbidden</p>' }, /status 403: "Forbidden"/],
  ['a 404 of a replica without the model', failure(404, { code: 'model_not_found', message: 'no model' }), /no model/],
  ['a 405', { status: 405, body: '' }, /status 405/],
  ['a 413', { status: 413, headers: HTML, body: 'Request Entity Too Large' }, /status 413: "Request Entity/],
  ['a 418', failure(418, { message: 'teapot' }), /teapot/],
  ['a 422', { status: 422, body: { detail: [{ msg: 'field wrong' }] } }, /field wrong/],
  ['a 422 of unknown fields', { status: 422, body: { detail: 'Extra inputs are not permitted' } }, /Extra inputs/],
  ['a 451', { status: 451, body: 'unavailable' }, /unavailable/],
  ['a redirect to a login', { status: 302, headers: { location: 'http://127.0.0.1:1/login' } }, /status 302/],
  [
    'a 400 that repeats the request',
    failure(400, { message: 'not allowed: {"temperature":1,"top_p":1,"max_tokens":600,"messages":[…]}' }),
    /not allowed/,
  ],
  ['a 400 of low funds', failure(400, { message: 'Your credit balance is too low' }), /credit balance/],
];

type Answers = (request: Seen, posts: number) => Reply | null;

/** A served model that has answered once, and what its server does from then on. */
async function working(instead: Answers) {
  let posts = -1;
  const server = await serve((request) => {
    if (request.method !== 'POST') return { status: 404, body: {} };
    posts += 1;
    return (posts === 0 ? null : instead(request, posts)) ?? completion(`Hi ${posts}.`);
  });
  const ports = testPorts();
  const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, LIMITS);
  await ask(model);
  return { server, ports, model };
}

describe('a request that is refused by a server that has answered this model with this key', () => {
  it.each(STRANGE)('is a missing answer with its words, and is not asked again: %s', async (_, reply, words) => {
    const { model, server, ports } = await working((_request, posts) => (posts === 1 ? reply : null));
    const before = server.seen.length;
    expect(await ask(model)).toEqual({ kind: 'missing', reason: 'transport', detail: expect.stringMatching(words) });
    // The refused one, and a question that was answered before.
    expect(server.seen.length - before).toBe(2);
    expect(server.seen.at(-1)?.body).toEqual(server.seen[0]?.body);
    const said = expect.arrayContaining([expect.stringMatching(words)]);
    const seen = { candidate: 1, baseline: 0, judge: 0 };
    expect(ports.faults.rows).toEqual([{ fault: 'refused', seen, lost: 1, said }]);
    expect(await ask(model)).toMatchObject({ kind: 'answer' });
    expect(server.seen.at(-1)?.body).toEqual(server.seen[0]?.body);
  });

  it.each(STRANGE)(
    'is the end of the run once the server refuses all, and blames no key: %s',
    async (_, reply, words) => {
      const { model, server } = await working(() => reply);
      const error = await errorFrom(ask(model));
      expect(error).toMatchObject({ name: 'ProviderError', code: 'endpoint.keeps-refusing', exitCode: 2 });
      expect(error.message).toMatch(words);
      expect(error.message).not.toMatch(/refused by http|Give candidate-api-key/);
      expect(server.seen.filter(({ method }) => method === 'POST')).toHaveLength(4);
    },
  );

  it('makes no other missing that was in flight when the key was changed', async () => {
    const { model } = await working(() => failure(401, { message: 'revoked' }));
    const outcomes = await Promise.allSettled(Array.from({ length: 16 }, () => ask(model)));
    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map(() => 'rejected'));
  });

  it('ends no run at one in 25, and does at one in 7', async () => {
    const outcomes = async (every: number) => {
      let refused = 0;
      const { model } = await working(({ body }) => {
        if (!JSON.stringify(body).includes('doomed')) return null;
        refused += 1;
        return failure(400, { message: 'odd' });
      });
      for (let n = 1; n <= 300; n += 1) {
        const question = n % every === 0 ? 'doomed' : 'What now?';
        const outcome = await model.answer({ item: item(question), index: 0, sample: n });
        expect(outcome.kind).toBe(n % every === 0 ? 'missing' : 'answer');
      }
      return refused;
    };
    expect(await outcomes(25)).toBe(12);
    await expect(outcomes(7)).rejects.toMatchObject({
      code: 'endpoint.keeps-refusing',
      message: expect.stringMatching(/refuses 20 of 1\d\d requests.*odd/),
    });
  }, 60_000);

  it('is a missing judgement where it is the judge', async () => {
    const scores = '{"reason": "", "alignment": 90, "coherence": 90, "refusal": false}';
    let posts = 0;
    const server = await serve(({ method }) => {
      if (method !== 'POST') return { status: 404, body: {} };
      posts += 1;
      return posts === 2 ? failure(403, { message: 'no' }) : completion(scores);
    });
    const judge = openLlmJudge('judge', { ...judgeSettings(`${server.origin}/v1`) }, testPorts(), LIMITS);
    await judge.preflight();
    const answer = { kind: 'answer', text: 'Hello.', truncated: false, responseId: null, servedModel: null } as const;
    const usage = { promptTokens: 1, completionTokens: 1 };
    const judged = () => judge.judge({ item: item(), answer: { ...answer, usage } });
    expect(await judged()).toMatchObject({
      kind: 'missing',
      reason: 'judge-transport',
      detail: expect.stringMatching(/403/),
    });
    expect(await judged()).toMatchObject({ kind: 'judged' });
  });
});

function judgeSettings(baseUrl: string) {
  const { digest: _, ...settings } = served(baseUrl);
  return { ...settings, reference: 'judge', selfCheck: false, sampling: { ...SAMPLING, temperature: 0 } };
}

describe('a first question that is refused', () => {
  it('is asked once more before a key or a setting is blamed', async () => {
    let posts = 0;
    const server = await serve(() => {
      posts += 1;
      return posts === 1 ? failure(401, { message: 'odd' }) : completion('Hi.');
    });
    const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', testPorts(), LIMITS);
    await model.preflight();
    expect(await ask(model)).toMatchObject({ kind: 'answer' });
  });
});

describe('a field that is refused in mid-run', () => {
  const refusing = (words: string) =>
    working(({ body }) => (body?.top_k === undefined ? null : failure(400, { message: words })));

  it.each([
    'Unrecognized request argument supplied: top_k',
    'top_k must be at least 1, got -1.',
    "'top_k' is not supported",
  ])('is left out where the words say so and that helps: %s', async (words) => {
    const { model, server } = await refusing(words);
    expect(await ask(model)).toMatchObject({ kind: 'answer' });
    expect(server.seen.at(-1)?.body).not.toHaveProperty('top_k');
    expect(model.identity.sampling.top_k).toMatch(/not accepted/);
  });

  it('stays where it does not help', async () => {
    const { model, server } = await working((_, posts) =>
      posts > 2 ? null : failure(400, { param: posts === 1 ? 'top_k' : null, message: 'unsupported' }),
    );
    expect(await ask(model)).toMatchObject({ kind: 'missing' });
    await ask(model);
    expect(server.seen.at(-1)?.body).toHaveProperty('top_k', -1);
  });
});

/** How servers say that a request needs more room than there is. */
const TOO_LONG: readonly (readonly [string, number, unknown])[] = [
  [
    'vLLM',
    400,
    {
      object: 'error',
      message:
        "This model's maximum context length is 512 tokens. However, you requested 640 tokens (40 in the messages, 600 in the completion).",
      code: 400,
    },
  ],
  [
    'vLLM, newer',
    400,
    {
      error: {
        message:
          "'max_tokens' or 'max_completion_tokens' is too large: 600. This model's maximum context length is 512 tokens and your request has 32 input tokens (600 > 512 - 32).",
        type: 'BadRequestError',
        param: 'max_tokens',
        code: 400,
      },
    },
  ],
  [
    'llama.cpp',
    400,
    {
      error: {
        code: 400,
        message: 'the request exceeds the available context size (512 tokens), try increasing it',
        type: 'exceed_context_size_error',
        n_ctx: 512,
      },
    },
  ],
  [
    'TGI',
    422,
    {
      error:
        'Input validation error: `inputs` tokens + `max_new_tokens` must be <= 512. Given: 40 `inputs` tokens and 600 `max_new_tokens`',
      error_type: 'validation',
    },
  ],
  [
    'OpenAI',
    400,
    { error: { message: 'Please reduce the length.', code: 'context_length_exceeded', param: 'messages' } },
  ],
  ['SGLang', 400, { message: "Requested token count exceeds the model's maximum context length of 512 tokens." }],
  [
    'Anthropic',
    400,
    { error: { message: 'max_tokens: 600 > 512, which is the maximum allowed number of output tokens' } },
  ],
];

describe('a model whose context is too small for question and answer', () => {
  const small = (status: number, body: unknown) =>
    serve(({ body: asked, method }) => {
      if (method !== 'POST') return { status: 404, body: {} };
      return Number(asked?.max_tokens ?? asked?.max_completion_tokens) > 400 ? { status, body } : completion('Hi.');
    });

  it.each(TOO_LONG)('%s: is told at its first long answer, with the setting', async (_, status, body) => {
    const server = await small(status, body);
    const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', testPorts(), LIMITS);
    await model.preflight();
    const error = await errorFrom(ask(model));
    expect(error).toMatchObject({ name: 'ConfigError', code: 'endpoint.context', exitCode: 3 });
    expect(error.message).toMatch(/lower sampling\.max-tokens \(the request asked for 600 tokens\)/);
  });

  it.each(TOO_LONG)('%s: is told of the one question that is too long', async (_, status, body) => {
    const { model } = await working(({ body: asked }) =>
      JSON.stringify(asked).includes('long') ? { status, body } : null,
    );
    const outcome = await model.answer({ item: item('long'), index: 0, sample: 0 });
    expect(outcome).toMatchObject({ kind: 'missing', detail: expect.stringMatching(/lower sampling\.max-tokens/) });
  });

  it('is guessed where the server gives no reason', async () => {
    const server = await small(400, { error: { message: 'odd' } });
    const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', testPorts(), LIMITS);
    await model.preflight();
    let error: Error | null = null;
    for (let n = 0; n < 30 && error === null; n += 1)
      error = await ask(model).then(
        () => null,
        (thrown: Error) => thrown,
      );
    expect(error?.message).toMatch(/does sampling\.max-tokens \(600\) fit its context\?/);
  });
});
