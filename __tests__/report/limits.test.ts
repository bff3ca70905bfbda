import { describe, expect, it } from '@jest/globals';
import { progressWords, rateRange, toleranceWords } from '../../src/report/limits.js';
import { STATISTICS } from './samples.js';

const EARLY = { ...STATISTICS, blocks: 0, answers: 10 };

describe('within the first block', () => {
  it('the report says that it is unfinished, and that a fail may come within a block', () => {
    expect(progressWords(EARLY)).toMatch(
      /^10 candidate answers in the first block, unfinished, .*a fail may come within a block/,
    );
    expect(progressWords(STATISTICS)).toBe('120 candidate answers in 7 of at most 375 blocks.');
  });

  it('a rate has no interval, not one from 0 to 100 %', () => {
    const unknown = { estimate: 1, lower: 0, upper: 1 };
    expect(rateRange(unknown, EARLY)).toBeNull();
    expect(rateRange({ ...unknown, lower: 0.2 }, STATISTICS)).toBe('20–100 %');
  });
});

describe('a tolerance of more than half the margin', () => {
  const little = {
    ...STATISTICS,
    baselineBounds: { lower: 0, upper: 0.092 },
    tolerance: 0.023,
    marginAtEstimate: 0.01,
  };

  it('is explained by how little is known of the baseline', () => {
    expect(toleranceWords(little)).toContain('little is known of the baseline yet');
  });

  it('is not explained so where it was set, where the margin is fixed, or where it is half the margin', () => {
    expect(toleranceWords({ ...little, tolerance: 0.008 })).toBe('');
    expect(toleranceWords({ ...little, marginAtEstimate: null })).toBe('');
    expect(toleranceWords({ ...little, tolerance: 0.005, baselineBounds: { lower: 0, upper: 0.01 } })).toBe('');
  });
});
