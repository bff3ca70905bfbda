import { describe, expect, it } from '@jest/globals';
import { ONE_BY_ONE, spreadOn } from '../../../src/models/embedded/parallelism.js';

describe('how embedded models are spread over a machine', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
  ])(
    'with %d cores: %d answers of each model at a time, a thread for each, a process for each model',
    (cores, contexts) => {
      expect(spreadOn({ cores, gpu: false })).toEqual({ ...ONE_BY_ONE, contexts });
    },
  );

  it('has one thread and one answer at a time for what has little to do', () => {
    expect(ONE_BY_ONE).toEqual({ gpu: false, contexts: 1, threads: 1, sequences: 1, oneProcess: false });
  });

  it.each([
    [4, 3],
    [8, 5],
    [64, 16],
  ])('with %d cores: %d answers of each model at a time, a thread for each, in one process', (cores, contexts) => {
    expect(spreadOn({ cores, gpu: false })).toEqual({
      gpu: false,
      contexts,
      threads: 1,
      sequences: 1,
      oneProcess: true,
    });
  });

  it.each([1, 2, 16])('with a GPU and %d cores: there in batches, in one process', (cores) => {
    expect(spreadOn({ cores, gpu: true })).toMatchObject({ gpu: true, contexts: 1, sequences: 8, oneProcess: true });
  });

  it('never lets threads wait for each other on processors, nor takes more than the cores on a GPU', () => {
    for (let cores = 1; cores <= 256; cores += 1) {
      expect(spreadOn({ cores, gpu: false }).threads).toBe(1);
      const { contexts, threads } = spreadOn({ cores, gpu: true });
      expect(2 * contexts * threads).toBeLessThanOrEqual(Math.max(2, cores));
    }
  });
});
