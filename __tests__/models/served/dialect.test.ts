import { afterEach, describe, expect, it } from '@jest/globals';
import { completion, failure, type Reply, type Seen } from '../../support/fault-server.js';
import { ask, closeServers, errorFrom, open, serve } from '../served.js';
import { SAMPLING } from '../support.js';

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
    const asked = server.seen.filter(({ method }) => method === 'POST');
    expect(asked.map((seen) => seen.body?.max_completion_tokens)).toEqual([undefined, 16, 600, 600]);
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
    expect(server.seen).toHaveLength(2);
  });
});

it('what was refused stays refused, whatever becomes of the request', async () => {
  const server = await serve(({ body }) =>
    body?.top_k !== undefined
      ? failure(400, { param: 'top_k', message: 'unsupported' })
      : failure(400, { message: 'max_tokens or model output limit was reached' }),
  );
  const model = open(server);
  expect(await ask(model)).toMatchObject({ kind: 'missing', reason: 'no-answer' });
  await ask(model);
  expect(server.seen.map(({ body }) => body?.top_k)).toEqual([-1, undefined, undefined]);
});

it('what several requests at once find refused is all kept', async () => {
  let asked = 0;
  const server = await serve(({ body }) => {
    asked += 1;
    const mine = asked <= 2 ? ['top_k', 'top_p'][asked - 1] : ['top_k', 'top_p'].find((name) => body?.[name]);
    return mine ? failure(400, { param: mine, message: 'unsupported' }) : completion('Hi.');
  });
  const model = open(server);
  await Promise.all([ask(model), ask(model)]);
  const before = server.seen.length;
  await ask(model);
  expect(server.seen.length).toBe(before + 1);
});

it('a reasoning model has its tokens for thinking at the preflight too', async () => {
  const server = await serve(() => completion('Hi.'));
  await open(server, { sampling: { ...SAMPLING, reasoning: { effort: 'low', tokens: 2000 } } }).preflight();
  expect(server.seen[0]?.body?.max_tokens).toBe(2016);
});

describe('a server that refuses a sampling field', () => {
  const refusing =
    (names: readonly string[], words: (name: string) => Reply) =>
    ({ body, method }: Seen): Reply => {
      const found = names.find((name) => body?.[name] !== undefined);
      return method === 'POST' && found !== undefined ? words(found) : completion('Hi.');
    };

  it.each([
    [
      'by its param (OpenAI)',
      ['temperature'],
      (name: string) =>
        failure(400, { param: name, code: 'unsupported_value', message: 'Only the default (1) is supported.' }),
    ],
    [
      'by name in a sentence (vLLM)',
      ['top_k'],
      (name: string) => ({ status: 400, body: { object: 'error', message: `${name} must be at least 1, got -1.` } }),
    ],
    [
      'several, one after the other',
      ['min_p', 'top_k', 'repetition_penalty'],
      (name: string) => failure(400, { message: `Unrecognized request argument supplied: ${name}` }),
    ],
  ])('%s is asked without it, and the report says so', async (_, names, words) => {
    const server = await serve(refusing(names, words));
    const model = open(server);
    await model.preflight();
    expect(await ask(model)).toMatchObject({ text: 'Hi.' });
    for (const name of names) {
      expect(server.seen.at(-1)?.body).not.toHaveProperty(name);
      expect(model.identity.sampling[name]).toMatch(/not accepted/);
    }
    expect(server.seen.at(-1)?.body).toHaveProperty('top_p', 1);
  });

  it('without naming it loses those that only open servers know', async () => {
    const vague = { status: 422, body: { detail: 'Extra inputs are not permitted' } };
    const server = await serve(refusing(['top_k'], () => vague));
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
    const last = server.seen.at(-1)?.body;
    expect([last?.top_k, last?.min_p, last?.repetition_penalty, last?.top_p]).toEqual([
      undefined,
      undefined,
      undefined,
      1,
    ]);
  });

  it('that names all it does not know is asked once more, and no oftener', async () => {
    const words = 'Unrecognized request arguments supplied: min_p, repetition_penalty, top_k';
    const server = await serve(refusing(['top_k'], () => failure(400, { message: words })));
    expect(await ask(open(server))).toMatchObject({ text: 'Hi.' });
    expect(server.seen.map(({ body }) => Object.keys(body ?? {}).length)).toEqual([8, 5]);
  });

  it('that the user gave is not mended in silence', async () => {
    const server = await serve(refusing(['typical_p'], () => failure(400, { message: 'Unknown argument: typical_p' })));
    const sampling = { ...SAMPLING, extraBody: { typical_p: 0.5 } };
    expect((await errorFrom(ask(open(server, { sampling })))).message).toMatch(/typical_p/);
  });

  it('is sent what the user gives instead of the neutral value', async () => {
    const server = await serve(() => completion('Hi.'));
    await ask(open(server, { sampling: { ...SAMPLING, extraBody: { top_k: 40 } } }));
    expect(server.seen[0]?.body).toMatchObject({ top_k: 40, top_p: 1 });
  });
});

describe('a model that takes no system prompt', () => {
  it.each([
    [
      'a 400 with its param',
      failure(400, {
        param: 'messages[0].role',
        message: "'messages[0].role' does not support 'system' with this model.",
      }),
    ],
    ['a template that raises', failure(500, { message: 'System role not supported' })],
  ])('(%s) has it put before the question', async (_, refusal) => {
    const server = await serve(({ body }) => {
      const [first] = (body?.messages ?? []) as { role: string }[];
      return first?.role === 'system' ? refusal : completion('Hi.');
    });
    const model = open(server, { sampling: { ...SAMPLING, system: 'Be brief.' } });
    expect(await ask(model)).toMatchObject({ text: 'Hi.' });
    expect(server.seen.at(-1)?.body?.messages).toEqual([{ role: 'user', content: 'Be brief.\n\nWhat now?' }]);
    expect(model.identity.sampling['system prompt']).toBe('put before the question');
  });
});

describe("Azure's classic API", () => {
  it('gets the key in its own header and the api-version behind every address', async () => {
    const server = await serve(() => completion('Hi.'));
    await ask(open(server, { apiVersion: '2024-10-21' }, '/openai/deployments/tuned'));
    const { path, headers } = server.seen[0] ?? {};
    expect(path).toBe('/openai/deployments/tuned/chat/completions?api-version=2024-10-21');
    expect([headers?.['api-key'], headers?.authorization]).toEqual(['sk-secret-1', undefined]);
  });
});
