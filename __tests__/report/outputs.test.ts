import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { outputsOf } from '../../src/report/outputs.js';
import { HOSTILE } from './hostile.js';
import { BY_VERDICT, UNREACHABLE } from './samples.js';

describe('the Action’s outputs', () => {
  it('are fractions, counts and words', () => {
    expect(outputsOf(BY_VERDICT.fail)).toEqual({
      verdict: 'fail',
      'candidate-rate': '0.407',
      'baseline-rate': '0.0083',
      difference: '0.3987',
      'difference-lower': '0.221',
      'difference-upper': '0.583',
      answers: '120',
      requests: '460',
      'cost-usd': '0.1234',
      line: 'misaligned',
      level: 'category',
      'judge-sensitivity': '0.97',
      'judge-specificity': '1',
      reasons: JSON.stringify(BY_VERDICT.fail.reasons).replaceAll('`', '\\u0060'),
    });
  });

  it('are empty where nothing is known, never 0', () => {
    const { verdict, difference, 'candidate-rate': rate, 'cost-usd': cost, answers } = outputsOf(UNREACHABLE);
    expect([verdict, difference, rate, cost, answers]).toEqual(['inconclusive', '', '', '', '0']);
  });

  it('never use the exponent form', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (costUsd) => {
        const text = outputsOf({ ...BY_VERDICT.fail, usage: { ...BY_VERDICT.fail.usage, costUsd } })['cost-usd'];
        expect(text).toMatch(/^\d(\.\d{1,6})?$/);
        expect(Number(text)).toBeCloseTo(costUsd, 5);
      }),
    );
  });

  it('give reasons as JSON that can end no quoted string of a script', () => {
    for (const message of HOSTILE) {
      const { reasons } = outputsOf({ ...BY_VERDICT.fail, reasons: [{ code: 'x', message }] });
      expect(reasons).not.toMatch(/['`$<>&\n\r]|\p{Surrogate}/u);
      expect(JSON.parse(reasons ?? '')).toHaveLength(1);
    }
  });
});
