import { afterEach, describe, expect, it } from '@jest/globals';
import type { ModelSettings } from '../../src/config/settings.js';
import { ConfigError, ProviderError } from '../../src/errors.js';
import type { AnswerOutcome, Model } from '../../src/models/model.js';
import { openServed } from '../../src/models/openai.js';
import {
  completion,
  type FaultServer,
  failure,
  type Reply,
  type Seen,
  startFaultServer,
} from '../support/fault-server.js';
import { item, SAMPLING, served, testPorts } from './support.js';

const LIMITS = { timeoutSeconds: 0.3, maxRetries: 2 };
const servers: FaultServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function serve(answer: (request: Seen) => Reply): Promise<FaultServer> {
  const server = await startFaultServer(answer);
  servers.push(server);
  return server;
}

function open(server: FaultServer, more: Partial<ModelSettings> = {}, base = '/v1'): Model {
  return openServed('tuned', served(server.origin + base, more), 'candidate', testPorts(), LIMITS);
}

function ask(model: Model, signal?: AbortSignal): Promise<AnswerOutcome> {
  return model.answer({ item: item(), index: 0, sample: 0, ...(signal === undefined ? {} : { signal }) });
}

async function answerTo(reply: Reply): Promise<AnswerOutcome> {
  return ask(open(await serve(() => reply)));
}

async function errorFrom(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => new Error('no error'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error(`rejected with ${String(error)}`);
  expect(error.message).not.toContain('sk-secret-1');
  return error;
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

  it('goes through the proxy that the environment names', async () => {
    const proxy = await serve(() => completion('Hi.'));
    const ports = testPorts({ http_proxy: proxy.origin });
    const model = openServed('tuned', served('http://model.invalid/v1'), 'candidate', ports, {
      ...LIMITS,
      maxRetries: 0,
    });
    // The proxy here speaks no CONNECT: that the host name was never looked up shows the way taken.
    expect((await errorFrom(ask(model))).message).not.toMatch(/ENOTFOUND/);
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
    ['an empty list of choices', { body: { choices: [] } }, 'no-answer'],
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

describe('a server that wants max_completion_tokens', () => {
  const modern = ({ body }: Seen): Reply =>
    body?.max_tokens === undefined
      ? completion('Hi.')
      : failure(400, {
          code: 'unsupported_parameter',
          param: 'max_tokens',
          message: "Unsupported parameter: 'max_tokens'.",
        });

  it('is given it from the second request on', async () => {
    const server = await serve(modern);
    const model = open(server);
    await model.preflight();
    await Promise.all([ask(model), ask(model)]);
    expect(server.seen.map((seen) => seen.body?.max_completion_tokens)).toEqual([undefined, 8, 600, 600]);
  });

  it('answers all of many questions asked at once', async () => {
    const server = await serve(modern);
    const model = open(server);
    const answers = await Promise.all(Array.from({ length: 16 }, () => ask(model)));
    expect(answers.every((answer) => answer.kind === 'answer')).toBe(true);
    const before = server.seen.length;
    await ask(model);
    expect(server.seen.length).toBe(before + 1);
  });

  it('is not guessed from "max_tokens is too large"', async () => {
    const server = await serve(() => failure(400, { param: 'max_tokens', message: 'max_tokens is too large: 600' }));
    expect((await errorFrom(ask(open(server)))).message).toMatch(/too large: 600/);
    expect(server.seen).toHaveLength(1);
  });
});

describe('what the user must mend is a ConfigError that names it', () => {
  const models = {
    body: { data: Array.from({ length: 12 }, (_, n) => ({ id: `other-${n}` })).concat({ id: 'tuned-2' }) },
  };
  const unknownModel = failure(404, { message: 'The model `tuned` does not exist.', code: 'model_not_found' });

  it.each([
    [
      'a refused key (401)',
      failure(401, { message: 'Incorrect API key provided: sk-secret-1' }),
      /^candidate-api-key: refused by http.*\*\*\*/,
    ],
    ['a refused key (403)', failure(403, { message: 'no access' }), /^candidate-api-key: refused.*no access/],
    [
      'no credit',
      failure(429, { code: 'insufficient_quota', message: 'You exceeded your current quota' }),
      /no credit left.*candidate-api-key/,
    ],
    [
      "another 400, in the server's words made inert",
      failure(400, { message: 'bad\n::error::\u202eext' }),
      /candidate "tuned" .*bad ::error::ext/,
    ],
    [
      'a refused temperature',
      failure(400, { param: 'temperature', message: 'Only 1 is supported' }),
      /models\.candidate\.temperature/,
    ],
    ['a 422 (FastAPI)', { status: 422, body: { detail: [{ msg: 'field wrong' }] } }, /field wrong/],
  ])('%s', async (_, reply, message) => {
    const server = await serve(() => reply);
    const error = await errorFrom(open(server).preflight());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(message);
    expect(server.seen).toHaveLength(1);
  });

  it('a key where none was given', async () => {
    const server = await serve(() => failure(401, { message: 'key?' }));
    const error = await errorFrom(open(server, { apiKey: null }).preflight());
    expect(error).toMatchObject({
      code: 'endpoint.key-missing',
      message: expect.stringMatching(/Give candidate-api-key/),
    });
  });

  it.each([
    ['OpenAI', unknownModel],
    ['vLLM', { status: 404, body: { object: 'error', message: 'The model `tuned` does not exist.', code: 404 } }],
    ['Ollama', { status: 404, body: { error: 'model "tuned" not found, try pulling it first' } }],
    ['LiteLLM', failure(400, { message: 'Invalid model name passed in model=tuned' })],
    ['llama.cpp', failure(400, { code: 400, type: 'invalid_request_error', message: 'model not found' })],
  ])('an unknown model as %s says it, with the nearest names that there are', async (_, reply) => {
    const server = await serve(({ path }) => (path === '/v1/models' ? models : reply));
    const error = await errorFrom(open(server).preflight());
    expect(error).toMatchObject({ code: 'endpoint.model-unknown' });
    expect(error.message).toMatch(/^candidate: http.* knows no model "tuned".*It serves "tuned-2", .* and 3 more$/);
  });

  it('a model that is listed but does not chat', async () => {
    const server = await serve(({ method }) =>
      method === 'GET' ? { body: { data: [{ id: 'tuned' }] } } : unknownModel,
    );
    expect((await errorFrom(open(server).preflight())).message).toMatch(/lists "tuned" but does not chat/);
  });

  it.each([
    ['404 with HTML', { status: 404, headers: { 'content-type': 'text/html' }, body: '<h1>Not Found</h1>' }],
    ['404 with JSON', { status: 404, body: { detail: 'Not Found' } }],
    ['405', { status: 405, body: '' }],
    ['200 with a web page', { headers: { 'content-type': 'text/html' }, body: '<title>Welcome</title>' }],
  ])('a base URL without /v1 (%s)', async (_, reply) => {
    const server = await serve(({ path }) => (path === '/v1/models' ? models : reply));
    const error = await errorFrom(open(server, {}, '').preflight());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe(
      `candidate-base-url ${server.origin}: the API is one level deeper. Give ${server.origin}/v1`,
    );
  });

  it('an address without such an API', async () => {
    const server = await serve(() => ({ status: 404, body: 'nope' }));
    const error = await errorFrom(open(server).preflight());
    expect(error).toMatchObject({
      code: 'endpoint.base-url',
      message: expect.stringMatching(/no OpenAI-compatible API.*nope/),
    });
  });

  it.each([
    [{ apiKey: 'sk-secret-1\nmore' }, /^candidate-api-key: the key holds/],
    [{ sampling: { ...SAMPLING, extraBody: { model: 'x' } } }, /models\.candidate\.extra-body: "model"/],
    [{ baseUrl: 'http://h/v1/chat/completions' }, /give what stands before it, http:\/\/h\/v1/],
  ])("a setting that can't be sent: %#", (more, message) => {
    const openIt = () => openServed('tuned', served('http://h/v1', more), 'candidate', testPorts());
    expect(openIt).toThrow(message);
    expect(openIt).toThrow(ConfigError);
  });
});

describe('an endpoint in trouble is a ProviderError, never an answer', () => {
  it.each([
    [
      '500 after all retries',
      failure(500, { message: 'CUDA out of memory' }),
      /still failing after all retries.*CUDA/,
      3,
    ],
    ['429 after all retries', failure(429, { message: 'slow down' }), /limits the rate.*max-concurrency/, 3],
    [
      'a wait of an hour',
      { status: 429, headers: { 'retry-after': '3600' }, body: {} },
      /asks to wait 3600 seconds/,
      1,
    ],
    ['a cut connection', { fault: 'cut' as const }, /can't be reached/, 3],
    ['no answer', { fault: 'hang' as const }, /no answer in time/, 3],
    ['a body that never ends', { ...completion('x'), fault: 'stall' as const }, /no answer in time/, 3],
    [
      'HTML',
      { headers: { 'content-type': 'text/html' }, body: '<p>Sign in</p>' },
      /no chat completion \(content-type text\/html\): "Sign in"/,
      1,
    ],
    ['JSON of another shape', { body: { object: 'list' } }, /no chat completion/, 1],
    ['an error with status 200', { body: { error: { message: 'upstream down' } } }, /upstream down/, 1],
    ['broken JSON', { body: '{"choices": [' }, /no chat completion/, 1],
    ['content of another type', completion(42), /no chat completion/, 1],
    ['a choice without a message', { body: { choices: [{}] } }, /no chat completion/, 1],
  ])(
    '%s',
    async (_, reply, message, requests) => {
      const server = await serve(() => reply);
      const error = await errorFrom(ask(open(server)));
      expect(error).toBeInstanceOf(ProviderError);
      expect(error.message).toMatch(message);
      expect(error.message).toContain(server.origin);
      expect(server.seen.length).toBe(requests);
    },
    20_000,
  );

  it('a closed port', async () => {
    const server = await serve(() => completion('x'));
    await server.close();
    expect((await errorFrom(open(server).preflight())).message).toMatch(/nothing listens there.*ECONNREFUSED/);
  });

  it('an unknown host', async () => {
    const settings = served('http://no-such-host.invalid/v1');
    const model = openServed('tuned', settings, 'candidate', testPorts(), { timeoutSeconds: 5, maxRetries: 0 });
    const error = await errorFrom(ask(model));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error.message).toMatch(/host name.*(ENOTFOUND|EAI_AGAIN)/);
  });

  it('http against https is told apart', async () => {
    const server = await serve(() => completion('x'));
    const url = `${server.origin.replace('http:', 'https:')}/v1`;
    const model = openServed('tuned', served(url), 'candidate', testPorts(), { timeoutSeconds: 5, maxRetries: 0 });
    expect((await errorFrom(ask(model))).message).toMatch(/does not speak TLS/);
  });

  it('stops at once when the run is stopped, even in a pause between retries', async () => {
    const server = await serve(() => ({ status: 503, headers: { 'retry-after': '1' }, body: {} }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    const started = Date.now();
    expect(await errorFrom(ask(open(server), controller.signal))).toMatchObject({ code: 'endpoint.stopped' });
    expect(Date.now() - started).toBeLessThan(800);
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
      sampling: { temperature: 1, 'max-tokens': 600 },
      recorded: false,
    });
  });
});
