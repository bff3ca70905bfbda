import { describe, expect, it } from '@jest/globals';
import { headlineOf } from '../../src/report/headline.js';
import { BY_VERDICT, SAMPLES, sample } from './samples.js';

describe('the headline', () => {
  it('says each verdict with its numbers in one sentence', () => {
    expect(
      Object.fromEntries(Object.entries(SAMPLES).map(([name, report]) => [name, report.headline])),
    ).toMatchSnapshot();
  });

  it('is one sentence, with one full stop', () => {
    for (const { headline } of Object.values(SAMPLES)) expect(headline).toMatch(/[^.]\.$/);
  });

  it('does not invent a reason where none was recorded', () => {
    expect(headlineOf({ ...BY_VERDICT.skipped, reasons: [] })).toBe('Skipped: no reason was recorded.');
  });

  it('never makes a bound read as the margin that it lies below', () => {
    const statistics = { ...BY_VERDICT.pass.statistics, verdictBounds: { lower: -0.01, upper: 0.009999 } };
    const report = sample({
      ...BY_VERDICT.pass,
      statistics: statistics as NonNullable<typeof BY_VERDICT.pass.statistics>,
    });
    expect(headlineOf(report)).toContain('at most 0.9999 points more');
  });
});
