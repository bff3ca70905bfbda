import { describe, expect, it } from '@jest/globals';
import { timeLeft } from '../../src/report/time-left.js';

describe('the time left, in words', () => {
  it.each([
    [20, 170, '20 s to 3 min'],
    [0.2, 0.7, '1 s or more'],
    [61, 119, '2 min or more'],
    [5399, 6000, '90 min to 1.7 h'],
  ])('%d to %d seconds: %s', (least, most, words) => {
    expect(timeLeft({ least, most })).toBe(words);
  });
});
