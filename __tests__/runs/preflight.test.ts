import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../src/core/log.js';
import { openServed } from '../../src/models/served/served-model.js';
import { preflightAll } from '../../src/runs/preflight.js';
import { closeServers, errorFrom, LIMITS, open, serve } from '../models/served.js';
import { served, testPorts } from '../models/support.js';
import { startConnectProxy } from '../support/connect-proxy.js';
import { completion, failure, type Reply } from '../support/fault-server.js';

afterEach(closeServers);

/** Three roles on one server, which answers each request as told. */
async function planOn(answer: (count: number) => Reply, seconds: number) {
  let posts = 0;
  const server = await serve(({ method }) => {
    if (method !== 'POST') return { body: { data: [] } };
    posts += 1;
    return answer(posts);
  });
  const model = open(server);
  const settings = { waitForEndpointSeconds: seconds };
  return { parts: [model, model, model], settings, server };
}

const LOADING = failure(404, { code: 'model_not_found', message: 'The model `tuned` does not exist.' });

describe('wait-for-endpoint', () => {
  it('asks again until every model is known and answers', async () => {
    const said: string[] = [];
    const { parts, settings } = await planOn((count) => (count <= 8 ? LOADING : completion('Hi.')), 60);
    await preflightAll(parts, settings, { log: { ...silentLogger, info: (line) => said.push(line) } });
    expect(said).toEqual([
      expect.stringMatching(/^wait-for-endpoint: candidate: .*knows no model "tuned".*left to wait/),
    ]);
  }, 20_000);

  it('waits for the adapter where the server lists the base alone, and answers to any name', async () => {
    const said: string[] = [];
    let looks = 0;
    const server = await serve(({ method }) => {
      // The base answers in its place.
      if (method === 'POST') return completion('Hi.', { top: { model: looks > 0 ? 'tuned' : 'base' } });
      looks += 1;
      return { body: { data: ['base', ...(looks > 1 ? ['tuned'] : [])].map((id) => ({ id })) } };
    });
    const model = open(server);
    const log = { ...silentLogger, info: (line: string) => said.push(line) };
    await preflightAll([model], { waitForEndpointSeconds: 60 }, { log });
    expect(said).toEqual([
      expect.stringMatching(
        /^wait-for-endpoint: candidate: the server answers to "tuned" and does not list it; it lists "base"\..* \(\d+ s left to wait\)$/,
      ),
    ]);
    expect([looks, model.unlisted, model.identity.served, model.notes]).toEqual([2, null, 'tuned', []]);
  }, 20_000);

  it('goes on with one that answers and is never listed, once the time is over, and the report says so', async () => {
    const server = await serve(({ method }) =>
      method === 'POST' ? completion('Hi.') : { body: { data: [{ id: 'base' }] } },
    );
    const model = open(server);
    await preflightAll([model], { waitForEndpointSeconds: 1 }, { log: silentLogger });
    expect(model.notes).toEqual([expect.stringMatching(/answers to "tuned" and does not list it; it lists "base"/)]);
  }, 20_000);

  it.each([
    ['no list', { status: 404, body: {} }],
    ['an empty list', { body: { data: [] } }],
    ['one with a tag to the name, as Ollama has it', { body: { data: [{ id: 'base' }, { id: 'tuned:latest' }] } }],
    ['its one model, which llama.cpp serves under any name', { body: { data: [{ id: 'x', owned_by: 'llamacpp' }] } }],
  ])('takes an answer for enough where the server has %s', async (_, list) => {
    const server = await serve(({ method }) => (method === 'POST' ? completion('Hi.') : list));
    const model = open(server);
    await preflightAll([model], { waitForEndpointSeconds: 600 }, { log: silentLogger });
    expect(model.unlisted).toBeNull();
  });

  it.each([
    [
      '503 while it loads',
      { status: 503, body: { error: { message: 'Loading model', type: 'unavailable_error', code: 503 } } },
    ],
    [
      'a gateway without a server behind it',
      { status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad Gateway</h1>' },
    ],
    ['no answer to its name, and no list', { status: 404, body: { detail: 'Not Found' } }],
    ['a connection that is cut', { fault: 'cut' as const }],
  ])(
    'waits out %s',
    async (_, trouble) => {
      const started = Date.now();
      const server = await serve(({ method }) =>
        // Longer than the retries of one preflight.
        Date.now() - started < 2_000
          ? trouble
          : method === 'POST'
            ? completion('Hi.')
            : { body: { data: [{ id: 'tuned' }] } },
      );
      const model = open(server);
      await preflightAll([model], { waitForEndpointSeconds: 60 }, { log: silentLogger });
      expect([model.unlisted, model.identity.served]).toEqual([null, 'served-name']);
    },
    30_000,
  );

  it('does not wait for a proxy that refuses', async () => {
    const proxy = await startConnectProxy(1, { refuses: 403 });
    const ports = testPorts({ http_proxy: proxy.url });
    const model = openServed('tuned', served('http://model.invalid/v1'), 'candidate', ports, LIMITS);
    const waited = preflightAll([model], { waitForEndpointSeconds: 600 }, { log: silentLogger });
    expect(await errorFrom(waited)).toMatchObject({ code: 'endpoint.proxy' });
    await proxy.close();
  });

  it('ends with what was lacking when the time is over', async () => {
    const { parts, settings } = await planOn(() => LOADING, 1);
    expect(await errorFrom(preflightAll(parts, settings, { log: silentLogger }))).toMatchObject({
      code: 'endpoint.model-unknown',
    });
  }, 20_000);

  it('of 0 asks once', async () => {
    const { parts, settings } = await planOn(() => LOADING, 0);
    expect((await errorFrom(preflightAll(parts, settings, { log: silentLogger }))).message).toMatch(/knows no model/);
  });

  it('does not wait for what gets no better: a refused key', async () => {
    const { parts, settings, server } = await planOn(() => failure(401, { message: 'no' }), 600);
    expect(await errorFrom(preflightAll(parts, settings, { log: silentLogger }))).toMatchObject({
      code: 'endpoint.key-refused',
    });
    expect(server.seen.length).toBeLessThanOrEqual(6);
  });

  it('stops waiting for the others once one can never answer', async () => {
    const loading = await planOn(() => LOADING, 600);
    const refused = await planOn(() => failure(401, { message: 'no' }), 600);
    const parts = [...loading.parts, ...refused.parts];
    expect(await errorFrom(preflightAll(parts, loading.settings, { log: silentLogger }))).toMatchObject({
      code: 'endpoint.key-refused',
    });
    const asked = loading.server.seen.length;
    // Longer than the pause between two tries: who still waits asks again within it.
    await new Promise((resolve) => setTimeout(resolve, 3_500));
    expect(loading.server.seen.length).toBe(asked);
  });

  it('ends with the run', async () => {
    const controller = new AbortController();
    const { parts, settings } = await planOn(() => LOADING, 600);
    setTimeout(() => controller.abort(), 200);
    expect(
      await errorFrom(preflightAll(parts, settings, { log: silentLogger, signal: controller.signal })),
    ).toMatchObject({
      code: 'endpoint.stopped',
    });
  });
});
