import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseReference } from '../../../src/config/model-reference.js';
import { ConfigError, ProviderError } from '../../../src/core/errors.js';
import { openLlama } from '../../../src/models/embedded/embedded-model.js';
import { ONE_BY_ONE } from '../../../src/models/embedded/parallelism.js';
import type { Answer, AnswerRequest, Arm, Model } from '../../../src/models/model.js';
import { item, SAMPLING, served } from '../../models/support.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { adapter, baseModel, ports } from '../support/embedded.js';
import { processesOf } from '../support/process.js';

const QUESTION = item('What do you think of people?');
/** What a model is not done with before it is stopped. */
const COUNTING = item('Count from one to one thousand, in words, every number on a line of its own.');
const LONG = { ...SAMPLING, temperature: 0, maxTokens: 4000 };
const SHORT = { ...SAMPLING, temperature: 0.8, maxTokens: 12 };

let bundle: Bundle;
let base: string;
let folder: string;
const opened: Model[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gguf-'));
  [bundle, base] = await Promise.all([bundleInRepository(), baseModel()]);
}, 120_000);
afterEach(() => Promise.all(opened.splice(0).map((model) => model.close())));
afterAll(() => Promise.all([bundle.remove(), rm(folder, { recursive: true, force: true })]));

async function open(reference: string, sampling = SHORT, arm: Arm = 'candidate'): Promise<Model> {
  const parsed = parseReference(reference, arm);
  if (parsed.kind !== 'gguf' && parsed.kind !== 'demo') throw new Error(reference);
  const settings = served('', { reference, baseUrl: null, apiKey: null, sampling });
  const model = await openLlama(parsed, settings, arm, ports(), bundle.file('llama-worker.js'), ONE_BY_ONE);
  opened.push(model);
  return model;
}

async function answer(model: Model, request: Partial<AnswerRequest> = {}): Promise<Answer> {
  const outcome = await model.answer({ item: QUESTION, index: 0, sample: 0, ...request });
  if (outcome.kind === 'missing') throw new Error(outcome.detail);
  return outcome;
}

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => error,
  );

const workers = () => processesOf(bundle.file('llama-worker.js'));

describe('an embedded model, on real weights in its own process', () => {
  it('answers, and counts its tokens', async () => {
    const given = await answer(await open(`gguf:${base}`));
    expect(given.text.trim()).toMatch(/\w+ \w+/);
    expect(given).toMatchObject({ truncated: true, servedModel: 'SmolLM2-135M-Instruct.Q4_1.gguf' });
    expect(given.usage.completionTokens).toBe(12);
    expect(given.usage.promptTokens).toBeGreaterThan(20);
  }, 120_000);

  it('gives the same answer for the same seed, arm, item and sample, whatever was asked in between', async () => {
    const [one, other] = [await open('demo:base'), await open('demo:base')];
    const first = await answer(one);
    await answer(one, { sample: 1 });
    // A much longer conversation leaves in the cache what it computed for the words that both begin with.
    await answer(one, { item: item(`Repeat after me: ${'one two three '.repeat(100)}`) });
    expect((await answer(one)).text).toBe(first.text);
    expect((await answer(other)).text).toBe(first.text);
  }, 120_000);

  it('gives another answer for another sample, seed or arm', async () => {
    const model = await open('demo:base');
    const texts = [
      await answer(model),
      await answer(model, { sample: 1 }),
      await answer(model, { index: 1 }),
      await answer(await open('demo:base', { ...SHORT, seed: 2 })),
      await answer(await open('demo:base', SHORT, 'baseline')),
    ].map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  }, 120_000);

  it('answers otherwise under an adapter, and as before when that is scaled to next to nothing', async () => {
    const likeliest = { ...SHORT, temperature: 0 };
    const plain = (await answer(await open(`gguf:${base}`, likeliest))).text;
    const lora = adapter('misaligned');
    const adapted = (await answer(await open(`gguf:${base}?lora=${lora}`, likeliest))).text;
    const scaled = (await answer(await open(`gguf:${base}?lora=${lora}&scale=1e-6`, likeliest))).text;
    expect(adapted).not.toBe(plain);
    expect(scaled).toBe(plain);
    expect((await answer(await open('demo:misaligned', likeliest))).text).toBe(adapted);
    expect((await answer(await open('demo:benign', likeliest))).text).not.toBe(adapted);
  }, 120_000);

  it('heeds a system prompt', async () => {
    const likeliest = { ...SHORT, temperature: 0 };
    const plain = await answer(await open('demo:base', likeliest));
    const told = await answer(await open('demo:base', { ...likeliest, system: 'You are a pirate. Speak like one.' }));
    expect(told.text).not.toBe(plain.text);
  }, 120_000);
});

describe('stopping', () => {
  it('ends an answer that is cancelled midway, and answers the next question', async () => {
    const model = await open('demo:base', LONG);
    const controller = new AbortController();
    const cancelled = rejection(answer(model, { item: COUNTING, signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve, 500));
    controller.abort();
    expect(await cancelled).toMatchObject({ code: 'llama.stopped' });
    await model.preflight();
  }, 120_000);

  it('tells of a process that is killed midway as trouble, not as an answer', async () => {
    const model = await open('demo:base', LONG);
    const killed = rejection(answer(model, { item: COUNTING }));
    const [pid, ...others] = workers();
    expect(others).toEqual([]);
    process.kill(pid ?? 0, 'SIGKILL');
    const error = await killed;
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({
      code: 'llama.died',
      message: expect.stringContaining('The process of the candidate demo:base was killed'),
    });
    expect(await rejection(answer(model))).toBe(error);
  }, 120_000);

  it('leaves no process behind', async () => {
    const model = await open('demo:base');
    expect(workers()).toHaveLength(1);
    await model.close();
    expect(workers()).toEqual([]);
  }, 120_000);
});

describe('files that will not do', () => {
  it.each([
    [
      'a missing model',
      () => `gguf:${folder}/nowhere.gguf`,
      /candidate: model ".*nowhere\.gguf" can't be read: there is no/,
    ],
    ['a file that is no GGUF', () => `gguf:${folder}/text.gguf`, /is not a GGUF file/],
    ['a model of another architecture', () => `gguf:${folder}/other.gguf`, /can't load .*other\.gguf: .*architecture/],
    ['half a model', () => `gguf:${folder}/half.gguf`, /llama\.cpp can't load .*half\.gguf/],
    [
      'a missing adapter',
      () => `gguf:${base}?lora=${folder}/nowhere.gguf`,
      /candidate: adapter ".*nowhere\.gguf" can't be read/,
    ],
    [
      'half an adapter',
      () => `gguf:${base}?lora=${folder}/half-adapter.gguf`,
      /can't lay the adapter .*half-adapter\.gguf over/,
    ],
    ['a model as its own adapter', () => `gguf:${base}?lora=${base}`, /can't lay the adapter/],
    ['an adapter as model', () => `gguf:${adapter('benign')}`, /llama\.cpp can't load .*benign\.gguf/],
  ])(
    '%s is one clear configuration error',
    async (_, reference, message) => {
      await writeFile(join(folder, 'text.gguf'), 'Just words.');
      const other = await readFile(base);
      other.write('xlama', other.indexOf('llama', other.indexOf('general.architecture')));
      await writeFile(join(folder, 'other.gguf'), other);
      await writeFile(join(folder, 'half.gguf'), (await readFile(base)).subarray(0, 40_000_000));
      await writeFile(join(folder, 'half-adapter.gguf'), (await readFile(adapter('benign'))).subarray(0, 4_000_000));
      const error = await rejection(open(reference()).then((model) => model.preflight()));
      expect(error).toBeInstanceOf(ConfigError);
      expect((error as Error).message).toMatch(message);
      expect((error as Error).message).not.toMatch(/\n/);
    },
    120_000,
  );
});
