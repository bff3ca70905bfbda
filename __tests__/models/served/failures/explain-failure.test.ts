import { brotliCompressSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, ProviderError } from '../../../../src/core/errors.js';
import { openServed } from '../../../../src/models/served/served-model.js';
import { completion, failure } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, open, serve } from '../../served.js';
import { served, testPorts } from '../../support.js';

afterEach(closeServers);

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
      "another 400, in the server's words made inert",
      failure(400, { message: 'bad\n::error::\u202eext' }),
      /candidate "tuned" .*bad ::error::ext/,
    ],
  ])('%s', async (_, reply, message) => {
    const server = await serve(() => reply);
    const error = await errorFrom(open(server).preflight());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(message);
    // Asked once more before anybody is blamed: one reply may be an accident.
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    [
      'for its temperature',
      failure(400, { param: 'temperature', message: 'Only 1 is supported' }),
      /models\.candidate\.temperature/,
    ],
    ['with a 422 (FastAPI)', { status: 422, body: { detail: [{ msg: 'field wrong' }] } }, /field wrong/],
  ])('a request that is refused %s, even without the field', async (_, reply, message) => {
    const server = await serve(() => reply);
    const error = await errorFrom(open(server).preflight());
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toMatch(message);
    expect(server.seen).toHaveLength(3);
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
    ['a reply larger than any answer', { body: Buffer.alloc(33 * 2 ** 20, 32) }, /larger than 32 MiB/, 1],
    [
      'a small reply that unfolds into a large one',
      { headers: { 'content-encoding': 'br' }, body: brotliCompressSync(Buffer.alloc(40 * 2 ** 20)) },
      /larger than 32 MiB/,
      1,
    ],
    ['broken JSON', { body: '{"choices": [' }, /no chat completion/, 1],
    ['content of another type', completion(42), /no chat completion/, 1],
    ['a choice without a message', { body: { choices: [{}] } }, /no chat completion/, 1],
  ])(
    '%s',
    async (_, reply, message, requests) => {
      const server = await serve(() => reply);
      const waits = 'fault' in reply && reply.fault !== 'cut';
      const limits = { timeoutSeconds: waits ? 0.3 : 10, maxRetries: 2, firstPauseMs: 1 };
      const error = await errorFrom(ask(open(server, {}, '/v1', limits)));
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
    const model = openServed('tuned', settings, 'candidate', testPorts(), {
      timeoutSeconds: 5,
      maxRetries: 0,
      firstPauseMs: 1,
    });
    const error = await errorFrom(ask(model));
    expect(error).toBeInstanceOf(ProviderError);
    expect(error.message).toMatch(/host name.*(ENOTFOUND|EAI_AGAIN)/);
  });

  it('http against https is told apart', async () => {
    const server = await serve(() => completion('x'));
    const url = `${server.origin.replace('http:', 'https:')}/v1`;
    const model = openServed('tuned', served(url), 'candidate', testPorts(), {
      timeoutSeconds: 5,
      maxRetries: 0,
      firstPauseMs: 1,
    });
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
