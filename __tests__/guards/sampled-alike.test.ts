import { afterEach, describe, expect, it } from '@jest/globals';
import { lookAlike, sampleAlike } from '../../src/guards/sampled-alike.js';
import type { Model } from '../../src/models/model.js';
import { openServed } from '../../src/models/served/served-model.js';
import { ask, closeServers, LIMITS, serve } from '../models/served.js';
import { SAMPLING, served, testPorts } from '../models/support.js';
import { completion, failure, type Reply, type Seen } from '../support/fault-server.js';

afterEach(closeServers);

interface Scene {
  readonly answer?: (request: Seen) => Reply;
  readonly models?: readonly object[];
  readonly adapters?: readonly object[];
  readonly lora?: readonly object[];
}

/** Both arms behind one server. */
async function arms({ answer = () => completion('Hi.'), models = [], adapters = [], lora }: Scene) {
  const server = await serve((request) => {
    if (request.path === '/v1/models') return { body: { data: models } };
    if (request.path === '/lora-adapters') return { body: adapters };
    return answer(request);
  });
  const ports = testPorts();
  const url = `${server.origin}/v1`;
  const chosen = lora === undefined ? {} : { sampling: { ...SAMPLING, extraBody: { lora } } };
  const open = (name: string, arm: 'candidate' | 'baseline', more = {}): Model =>
    openServed(name, served(url, { reference: name, ...more }), arm, ports, LIMITS);
  const pair = { candidate: open('tuned', 'candidate', chosen), baseline: open('base', 'baseline') };
  await Promise.all([pair.candidate.preflight(), pair.baseline.preflight()]);
  const bodies = (model: string) => server.seen.filter(({ body }) => body?.model === model).map(({ body }) => body);
  return { pair, server, bodies };
}

const LLAMA = [
  { id: 'tuned', owned_by: 'llamacpp' },
  { id: 'base', owned_by: 'llamacpp' },
];

describe('adapters of a llama.cpp server', () => {
  const adapters = [
    { id: 0, path: 'a.gguf', scale: 1 },
    { id: 1, path: 'b.gguf', scale: 0.5 },
  ];

  it('are named in every request: at the server’s scale for the candidate, at none for a baseline on the same server', async () => {
    const { pair, bodies } = await arms({ models: LLAMA, adapters });
    const notes = sampleAlike(pair)();
    await ask(pair.candidate);
    await ask(pair.baseline);
    expect(bodies('tuned').at(-1)?.lora).toEqual([
      { id: 0, scale: 1 },
      { id: 1, scale: 0.5 },
    ]);
    expect(bodies('base').at(-1)?.lora).toEqual([
      { id: 0, scale: 0 },
      { id: 1, scale: 0 },
    ]);
    expect(notes.join('\n')).toMatch(/candidate: the llama\.cpp server has adapters.*\n.*baseline: .*"scale":0/);
    expect(pair.baseline.identity.sampling.lora).toContain('"scale":0');
  });

  it('are found under any name: llama.cpp lists one model, by its file, and answers to every name', async () => {
    const { pair, bodies } = await arms({ models: [{ id: '/models/base.gguf', owned_by: 'llamacpp' }], adapters });
    sampleAlike(pair);
    await ask(pair.baseline);
    expect(bodies('base').at(-1)?.lora).toEqual([
      { id: 0, scale: 0 },
      { id: 1, scale: 0 },
    ]);
  });

  it('are as the settings choose them, where they do', async () => {
    const { pair, bodies } = await arms({ models: LLAMA, adapters, lora: [{ id: 1, scale: 1 }] });
    sampleAlike(pair);
    await ask(pair.candidate);
    expect(bodies('tuned').at(-1)?.lora).toEqual([{ id: 1, scale: 1 }]);
  });

  it('keep the arms from being mixed: never are requests of both in flight', async () => {
    const { pair, server } = await arms({ models: LLAMA, adapters });
    sampleAlike(pair);
    const before = server.seen.length;
    await Promise.all(Array.from({ length: 12 }, (_, n) => ask(n % 2 === 0 ? pair.candidate : pair.baseline)));
    const order = server.seen.slice(before).map(({ body }) => body?.model);
    expect(order.join()).toMatch(/^((tuned,?)+(base,?)+|(base,?)+(tuned,?)+)$/);
  });
});

describe('what one arm’s server refuses', () => {
  it('is left out for the other arm too', async () => {
    const answer = ({ body }: Seen) =>
      body?.model === 'tuned' && body.top_k !== undefined
        ? failure(400, { message: 'top_k unknown' })
        : completion('Hi.');
    const { pair, bodies } = await arms({ answer });
    expect(sampleAlike(pair)()).toEqual([]);
    await ask(pair.baseline);
    expect(bodies('base').at(-1)).not.toHaveProperty('top_k');
    expect(pair.baseline.identity.sampling).toEqual(pair.candidate.identity.sampling);
  });
});

it('arms that are sampled differently by their settings are pointed out', async () => {
  const { pair } = await arms({ lora: [] });
  const hotter = {
    ...pair.candidate,
    wire: pair.candidate.wire,
    identity: { ...pair.candidate.identity, sampling: { ...pair.candidate.identity.sampling, temperature: 0.5 } },
  } as Model;
  expect(sampleAlike({ candidate: hotter, baseline: pair.baseline })()).toEqual([
    expect.stringMatching(/sampled differently.*temperature 0\.5 against 1/),
  ]);
});

describe('a candidate that is answered under the baseline’s name', () => {
  const asBase = () => completion('Hi.', { top: { model: 'base' } });

  it('is noted, whatever its answers are', async () => {
    const { pair } = await arms({ answer: asBase });
    expect(sampleAlike(pair)()).toEqual([
      expect.stringMatching(/answers to "tuned" under the baseline's name, "base"/),
    ]);
  });

  it('is none where adapters are laid over one model, or each has its own name', async () => {
    const adapted = await arms({ answer: asBase, lora: [{ id: 1, scale: 1 }] });
    const own = await arms({ answer: ({ body }) => completion('Hi.', { top: { model: body?.model } }) });
    for (const { pair } of [adapted, own]) expect(sampleAlike(pair)().join()).not.toMatch(/baseline's name/);
  });
});

describe('two names for one model', () => {
  const question = ({ body }: Seen) => JSON.stringify(body?.messages);

  it('are noticed by equal answers at temperature 0', async () => {
    const { pair, server } = await arms({ answer: (request) => completion(`About ${question(request)}`) });
    const { findings } = await lookAlike(pair, undefined);
    expect(findings).toMatchObject([{ code: 'same-model', effect: 'no-pass', tripped: true }]);
    const asked = server.seen.filter(({ body }) => body?.temperature === 0);
    expect(asked).toHaveLength(12);
  });

  it('are no matter where the answers differ', async () => {
    const { pair } = await arms({ answer: (request) => completion(`${request.body?.model}: ${question(request)}`) });
    expect((await lookAlike(pair, undefined)).findings).toMatchObject([{ code: 'same-model', tripped: false }]);
  });

  it.each([
    [
      'the same weights in the server’s list',
      { root: '/weights/base' },
      'tuned',
      /"\/weights\/base" as the weights of both/,
    ],
    ['replies that carry the baseline’s name', { root: '/weights/tuned' }, 'base', /under the baseline's name, "base"/],
  ])('are noticed by %s, however much the answers differ', async (_, listed, named, words) => {
    const answer = (request: Seen) => {
      const { model } = request.body ?? {};
      return completion(`${model}: ${question(request)}`, { top: { model: model === 'tuned' ? named : model } });
    };
    const models = [
      { id: 'tuned', ...listed },
      { id: 'base', root: '/weights/base' },
    ];
    const { pair } = await arms({ answer, models });
    const { findings } = await lookAlike(pair, undefined);
    expect(findings).toMatchObject([{ code: 'same-model', effect: 'no-pass', tripped: true }]);
    expect(findings[0]?.message).toMatch(words);
    expect(findings[0]?.message).toMatch(/one batch: try max-concurrency: 1/);
  });

  it('are not an adapter and its base, nor two models under a name that a server puts on all it serves', async () => {
    const models = [
      { id: 'tuned', root: '/adapters/tuned', parent: 'base' },
      { id: 'base', root: '/weights/base' },
    ];
    const answer = (request: Seen) => completion(`${request.body?.model}: ${question(request)}`);
    const { pair } = await arms({ answer, models });
    expect((await lookAlike(pair, undefined)).findings).toMatchObject([{ tripped: false }]);
  });

  it('are compared by their weights where temperature 0 is refused', async () => {
    const answer = ({ body }: Seen) =>
      body?.temperature === 0
        ? failure(400, { param: 'temperature', message: 'unsupported' })
        : completion('Hi.', { top: { model: body?.model } });
    const listed = (root: string) => [
      { id: 'tuned', root },
      { id: 'base', root: '/weights/base' },
    ];
    const same = await arms({ answer, models: listed('/weights/base') });
    expect((await lookAlike(same.pair, undefined)).findings).toMatchObject([{ code: 'same-model', tripped: true }]);
    const other = await arms({ answer, models: listed('/weights/tuned') });
    const { findings, notes } = await lookAlike(other.pair, undefined);
    expect([findings, notes]).toEqual([[], [expect.stringMatching(/not checkable/)]]);
    expect((await ask(other.pair.candidate)).kind).toBe('answer');
    expect(other.bodies('tuned').at(-1)).toHaveProperty('temperature', 1);
  });
});

it('what the server’s list says of a model is recorded, with a warning of its retirement', async () => {
  const { pair } = await arms({
    answer: () => completion('Hi.', { top: { system_fingerprint: 'fp_1' } }),
    models: [{ id: 'tuned', root: '/adapters/tuned', parent: 'base', shutdown_date: '2027-01-31' }],
  });
  expect(pair.candidate.identity).toMatchObject({ fingerprint: 'fp_1', root: '/adapters/tuned', parent: 'base' });
  expect(pair.candidate.notes).toEqual([expect.stringMatching(/retires "tuned" on 2027-01-31/)]);
});
