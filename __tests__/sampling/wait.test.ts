import { afterEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../src/log.js';
import { preflightAll } from '../../src/sampling/wait.js';
import { closeServers, errorFrom, open, serve } from '../models/served.js';
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
    const { parts, settings } = await planOn((count) => (count <= 3 ? LOADING : completion('Hi.')), 60);
    await preflightAll(parts, settings, { log: { ...silentLogger, info: (line) => said.push(line) } });
    expect(said[0]).toMatch(/^wait-for-endpoint: candidate: .*knows no model "tuned".*left to wait/);
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
    expect(server.seen.length).toBeLessThanOrEqual(3);
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
