import { describe, expect, it } from '@jest/globals';
import { spreadOn } from '../../src/models/llama-machine.js';

describe('how embedded models are spread over a machine', () => {
  it.each([1, 2, 3])('with %d cores: one thread, one answer at a time, a process for each model', (cores) => {
    expect(spreadOn({ cores, gpu: false })).toEqual({ gpu: false, threads: 1, sequences: 1, oneProcess: false });
  });

  it.each([
    [4, 1],
    [8, 3],
    [64, 31],
  ])('with %d cores: %d threads a model, answers in batches, in one process', (cores, threads) => {
    expect(spreadOn({ cores, gpu: false })).toEqual({ gpu: false, threads, sequences: 4, oneProcess: true });
  });

  it.each([1, 2, 16])('with a GPU and %d cores: there, in one process, so that weights are loaded once', (cores) => {
    expect(spreadOn({ cores, gpu: true })).toMatchObject({ gpu: true, sequences: 8, oneProcess: true });
  });

  it('never takes more threads for both models than there are cores', () => {
    for (let cores = 1; cores <= 256; cores += 1) {
      for (const gpu of [false, true])
        expect(2 * spreadOn({ cores, gpu }).threads).toBeLessThanOrEqual(Math.max(2, cores));
    }
  });
});
