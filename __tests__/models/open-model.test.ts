import { describe, expect, it } from '@jest/globals';
import { ConfigError } from '../../src/core/errors.js';
import { openModel } from '../../src/models/open-model.js';
import { served, testPorts } from './support.js';

const open = (reference: string, arm: 'candidate' | 'baseline' = 'candidate') =>
  openModel(served('http://127.0.0.1:1/v1', { reference }), arm, testPorts());

describe('opening a model', () => {
  it.each(['tuned', 'openai:tuned'])('%s is a served one', async (reference) => {
    expect((await open(reference)).identity).toMatchObject({ reference, recorded: false });
  });

  it.each([
    ['replay:a.jsonl', 'candidate', /^candidate: "replay:a\.jsonl": .*for both models/],
    ['report:a.json', 'candidate', /report:PATH is for the baseline/],
    ['report:a.json', 'baseline', /the gate reads it itself/],
    ['file:a.yaml#/x', 'baseline', /is for the candidate/],
    ['file:a.yaml#/x', 'candidate', /not itself a file: reference/],
    ['demo:', 'candidate', /the demo models are/],
  ] as const)('%s as %s is refused, with what to give instead', async (reference, arm, message) => {
    const work = open(reference, arm);
    await expect(work).rejects.toThrow(message);
    await expect(work).rejects.toBeInstanceOf(ConfigError);
  });
});
