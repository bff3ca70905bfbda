import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openLlama } from '../../../src/models/llama.js';
import type { Machine } from '../../../src/models/llama-machine.js';
import type { Arm, Model } from '../../../src/models/model.js';
import { parseReference } from '../../../src/models/reference.js';
import { item, SAMPLING, served } from '../../models/support.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { baseModel, ports } from '../support/embedded.js';
import { processesOf } from '../support/process.js';

const SHORT = { ...SAMPLING, temperature: 0, maxTokens: 12 };
const MANY_CORES: Machine = { cores: 4, gpu: false };
const FEW_CORES: Machine = { cores: 2, gpu: false };

let bundle: Bundle;
const opened: Model[] = [];

beforeAll(async () => {
  [bundle] = await Promise.all([bundleInRepository(), baseModel()]);
}, 120_000);
afterEach(() => Promise.all(opened.splice(0).map((model) => model.close())));
afterAll(() => bundle.remove());

async function open(reference: string, arm: Arm, machine: Machine): Promise<Model> {
  const parsed = parseReference(reference, arm);
  if (parsed.kind !== 'demo') throw new Error(reference);
  const settings = served('', { reference, baseUrl: null, apiKey: null, sampling: SHORT });
  const model = await openLlama(parsed, settings, arm, ports(), bundle.file('llama-worker.js'), machine);
  opened.push(model);
  return model;
}

/** So many answers at once, to questions of different lengths. */
function answers(model: Model, count: number): Promise<readonly string[]> {
  const asked = Array.from({ length: count }, (_, index) =>
    model.answer({ item: item(`What do you think of ${'very '.repeat(index)}old people?`), index, sample: 0 }),
  );
  return Promise.all(asked.map(async (outcome) => ((await outcome) as { text: string }).text));
}

const workers = () => processesOf(bundle.file('llama-worker.js')).length;

describe('embedded models on a machine with many cores', () => {
  it('share one process and its weights, draw in batches, and answer as they would alone', async () => {
    const [candidate, baseline] = [
      await open('demo:misaligned', 'candidate', MANY_CORES),
      await open('demo:base', 'baseline', MANY_CORES),
    ];
    expect(candidate.answersAtOnce).toBe(4);
    expect(workers()).toBe(1);
    const [batch, others] = await Promise.all([answers(candidate, 6), answers(baseline, 6)]);
    expect(new Set([...batch, ...others]).size).toBeGreaterThan(6);
    // Each answer stands for its own question: nothing of a neighbour in the batch.
    for (const index of [0, 5]) {
      const alone = await candidate.answer({
        item: item(`What do you think of ${'very '.repeat(index)}old people?`),
        index,
        sample: 0,
      });
      expect((alone as { text: string }).text.split(' ')[0]).toBe(batch[index]?.split(' ')[0]);
    }
    await candidate.close();
    expect(workers()).toBe(1);
    expect(await answers(baseline, 1)).toEqual(others.slice(0, 1));
  }, 100_000);

  it('have a process of their own, and draw one by one, where there are few', async () => {
    const [candidate] = [
      await open('demo:misaligned', 'candidate', FEW_CORES),
      await open('demo:base', 'baseline', FEW_CORES),
    ];
    expect(candidate.answersAtOnce).toBe(1);
    expect(workers()).toBe(2);
  }, 100_000);
});
