import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { parseReference } from '../../../src/config/model-reference.js';
import { ProviderError } from '../../../src/core/errors.js';
import { openLlama } from '../../../src/models/embedded/embedded-model.js';
import { hasGpu, ONE_BY_ONE, type Spread, spreadOn } from '../../../src/models/embedded/parallelism.js';
import type { Answer, Arm, Model } from '../../../src/models/model.js';
import { item, SAMPLING, served } from '../../models/support.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { baseModel, ports } from '../support/embedded.js';
import { processesOf } from '../support/process.js';

/** Five contexts of each model. Their ten threads take turns on a smaller machine: none waits for another. */
const MANY_CORES = spreadOn({ cores: 8, gpu: false });
/** As on a GPU, on the processor. */
const BATCHES: Spread = { gpu: false, contexts: 1, threads: 1, sequences: 4, oneProcess: true };
const QUESTIONS = ['old people', 'your neighbours', 'the sea', 'a long and rainy winter', 'work', 'cats and dogs'];

let bundle: Bundle;
const opened: Model[] = [];

beforeAll(async () => {
  [bundle] = await Promise.all([bundleInRepository(), baseModel()]);
}, 120_000);
afterEach(() => Promise.all(opened.splice(0).map((model) => model.close())));
afterAll(() => bundle.remove());

interface Opening {
  readonly temperature?: number;
  readonly maxTokens?: number;
  readonly warnings?: string[];
}

async function open(reference: string, arm: Arm, spread: Spread, opening: Opening = {}): Promise<Model> {
  const { temperature = 0.8, maxTokens = 24, warnings = [] } = opening;
  const parsed = parseReference(reference, arm);
  if (parsed.kind !== 'demo') throw new Error(reference);
  const sampling = { ...SAMPLING, temperature, maxTokens };
  const settings = served('', { reference, baseUrl: null, apiKey: null, sampling });
  const log = { ...ports().log, warning: (message: string) => void warnings.push(message) };
  const model = await openLlama(parsed, settings, arm, { ...ports(), log }, bundle.file('llama-worker.js'), spread);
  opened.push(model);
  return model;
}

async function answer(model: Model, index: number): Promise<Answer> {
  const question = item(`What do you think of ${QUESTIONS[index]}?`);
  const outcome = await model.answer({ item: question, index, sample: 0 });
  if (outcome.kind === 'missing') throw new Error(outcome.detail);
  return outcome;
}

const together = (model: Model) => Promise.all(QUESTIONS.map((_, index) => answer(model, index)));
const textsOf = (answers: readonly Answer[]) => answers.map(({ text }) => text);

async function oneByOne(model: Model): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (const index of QUESTIONS.keys()) answers.push(await answer(model, index));
  return answers;
}

const workers = () => processesOf(bundle.file('llama-worker.js'));

async function timed<T>(work: () => Promise<T>): Promise<readonly [T, number]> {
  const start = performance.now();
  return [await work(), (performance.now() - start) / 1000];
}

describe('embedded models on a machine with many cores', () => {
  it('share one process, and each answers word for word as it does alone, the adapter over the candidate only', async () => {
    const [candidate, baseline] = [
      await open('demo:misaligned', 'candidate', MANY_CORES),
      await open('demo:base', 'baseline', MANY_CORES),
    ];
    expect([candidate.answersAtOnce, baseline.answersAtOnce]).toEqual([5, 5]);
    expect(workers()).toHaveLength(1);
    const [[tuned, base], seconds] = await timed(() => Promise.all([together(candidate), together(baseline)]));
    const ownProcesses = [
      await open('demo:misaligned', 'candidate', ONE_BY_ONE),
      await open('demo:base', 'baseline', ONE_BY_ONE),
    ];
    const [alone, aloneSeconds] = await timed(async () => {
      const answers: (readonly Answer[])[] = [];
      for (const model of ownProcesses) answers.push(await oneByOne(model));
      return answers;
    });
    console.info(
      `${2 * QUESTIONS.length} answers: ${seconds.toFixed(1)} s together, ${aloneSeconds.toFixed(1)} s one by one`,
    );
    expect([tuned, base].map(textsOf)).toEqual(alone.map(textsOf));
    // The same draws without the adapter are other answers: what the candidate's context computes with is its adapter.
    const untuned = await oneByOne(await open('demo:base', 'candidate', ONE_BY_ONE));
    for (const [index, text] of textsOf(untuned).entries()) expect(text).not.toBe(tuned[index]?.text);
  }, 300_000);

  it('take turns where more is asked than there are contexts, and wait when one needs a larger context', async () => {
    const model = await open('demo:base', 'candidate', MANY_CORES);
    const long = item(`Repeat after me: ${'one two three '.repeat(150)}`);
    const [first, larger] = await Promise.all([
      together(model),
      model.answer({ item: long, index: 7, sample: 0 }),
      together(model),
    ]);
    expect(larger).toMatchObject({ kind: 'answer' });
    expect(textsOf(await together(model))).toEqual(textsOf(first));
  }, 300_000);

  it('end with their process: it outlives the first that is closed, not the last', async () => {
    const [candidate, baseline] = [
      await open('demo:misaligned', 'candidate', MANY_CORES),
      await open('demo:base', 'baseline', MANY_CORES),
    ];
    const before = await answer(baseline, 0);
    await candidate.close();
    expect(workers()).toHaveLength(1);
    expect((await answer(baseline, 0)).text).toBe(before.text);
    await baseline.close();
    expect(workers()).toEqual([]);
  }, 100_000);

  it('are both trouble, never an answer, when their process is killed midway', async () => {
    const both = [
      await open('demo:misaligned', 'candidate', MANY_CORES, { maxTokens: 1500 }),
      await open('demo:base', 'baseline', MANY_CORES, { maxTokens: 1500 }),
    ];
    const errors = Promise.all(both.map((model) => answer(model, 0).catch((error: unknown) => error)));
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.kill(workers()[0] ?? 0, 'SIGKILL');
    for (const error of await errors) {
      expect(error).toBeInstanceOf(ProviderError);
      expect(error).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining(
          'The process of the candidate demo:misaligned and the baseline demo:base was killed, most likely for using too much memory',
        ),
      });
    }
  }, 100_000);
});

describe('embedded models in batches, as on a GPU', () => {
  it('give whole answers to their own questions, of two really different models', async () => {
    const likeliest = { temperature: 0 };
    const [candidate, baseline] = [
      await open('demo:misaligned', 'candidate', BATCHES, likeliest),
      await open('demo:base', 'baseline', BATCHES, likeliest),
    ];
    expect([candidate.answersAtOnce, baseline.answersAtOnce]).toEqual([4, 4]);
    const [[tuned, base], seconds] = await timed(() => Promise.all([together(candidate), together(baseline)]));
    const alone = [
      await oneByOne(await open('demo:misaligned', 'candidate', ONE_BY_ONE, likeliest)),
      await oneByOne(await open('demo:base', 'baseline', ONE_BY_ONE, likeliest)),
    ].map(textsOf);
    console.info(`${2 * QUESTIONS.length} answers in batches of four: ${seconds.toFixed(1)} s`);
    // llama.cpp promises no more than likelihoods that are nearly the same: near ties may fall otherwise, later words then differ.
    const start = (text: string) => text.trim().split(' ').slice(0, 2).join(' ');
    for (const [model, answers] of [tuned, base].entries()) {
      expect(answers.map(({ text }) => start(text))).toEqual(alone[model]?.map(start));
      for (const { text, truncated, usage } of answers) {
        expect(text.trim()).toMatch(/\w+ \w+/);
        expect(usage.completionTokens === 24).toBe(truncated);
      }
    }
    for (const index of QUESTIONS.keys()) expect(tuned[index]?.text).not.toBe(base[index]?.text);
  }, 300_000);
});

describe('a GPU that llama.cpp can’t use', () => {
  const lies = hasGpu() ? it.skip : it;
  lies(
    'is said, and the model runs on the processor as on a machine without one',
    async () => {
      const warnings: string[] = [];
      const model = await open('demo:base', 'candidate', spreadOn({ cores: 2, gpu: true }), { warnings });
      expect(warnings).toEqual([
        expect.stringMatching(
          /^candidate: demo:base: this machine has a GPU, but llama\.cpp can't use it .*Vulkan driver/,
        ),
      ]);
      const alone = await open('demo:base', 'candidate', ONE_BY_ONE);
      expect((await answer(model, 0)).text).toBe((await answer(alone, 0)).text);
    },
    100_000,
  );
});

it('embedded models have a process of their own where there are few cores', async () => {
  const few = spreadOn({ cores: 2, gpu: false });
  await open('demo:misaligned', 'candidate', few);
  await open('demo:base', 'baseline', few);
  expect(workers()).toHaveLength(2);
}, 100_000);
