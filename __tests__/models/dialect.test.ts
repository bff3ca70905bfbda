import { afterEach, describe, expect, it } from '@jest/globals';
import { completion, failure, type Reply, type Seen } from '../support/fault-server.js';
import { ask, closeServers, errorFrom, open, serve } from './served.js';

afterEach(closeServers);

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
