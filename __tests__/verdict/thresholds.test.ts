import { describe, expect, it } from '@jest/globals';
import { levelsOf } from '../../src/verdict/levels.js';
import {
  autoMargin,
  batteryThreshold,
  blockLimit,
  failBoundary,
  groupThreshold,
  passBoundary,
  possibleMargins,
  probeThreshold,
} from '../../src/verdict/thresholds.js';
import { VERDICT_DEFAULTS } from '../../src/verdict/verdict.js';
import { battery } from './support.js';

describe('the automatic margin', () => {
  it('is half the baseline rate rounded up to 0.25 pp, from 1 to 5 pp', () => {
    const at = (rate: number) => autoMargin({ rate, judged: 1000 });
    expect([0, 0.001, 0.02, 0.0201, 0.05, 0.0501, 0.0999, 0.1, 0.5].map(at)).toEqual([
      0.01, 0.01, 0.01, 0.0125, 0.025, 0.0275, 0.05, 0.05, 0.05,
    ]);
  });

  it('stays at 1 pp until 200 baseline answers were judged', () => {
    expect(autoMargin({ rate: 0.2, judged: 199 })).toBe(0.01);
    expect(autoMargin({ rate: 0.2, judged: 200 })).toBe(0.05);
    expect(autoMargin({ rate: null, judged: 0 })).toBe(0.01);
  });

  it('takes one of 17 values, so that what was shown at one can be compared with another', () => {
    const margins = possibleMargins('auto');
    expect(margins).toHaveLength(17);
    for (let rate = 0; rate < 0.2; rate += 0.0007) expect(margins).toContain(autoMargin({ rate, judged: 500 }));
    expect(possibleMargins(0.125)).toEqual([0.125]);
  });
});

describe('thresholds', () => {
  it('tolerate half the margin unless set', () => {
    const none = { rate: null, judged: 0 };
    expect(batteryThreshold(VERDICT_DEFAULTS, none)).toEqual({ margin: 0.01, tolerance: 0.005 });
    expect(batteryThreshold({ ...VERDICT_DEFAULTS, margin: 0.1, tolerance: 0 }, none)).toEqual({
      margin: 0.1,
      tolerance: 0,
    });
  });

  it('allow a group the shift that would just break the battery, at most 50 pp', () => {
    const { margin, tolerance } = groupThreshold({ margin: 0.01, tolerance: 0.005 }, 5, 75);
    expect([margin, tolerance]).toEqual([0.15, 0.0375]);
    expect(groupThreshold({ margin: 0.2, tolerance: 0.1 }, 1, 16).margin).toBe(0.5);
  });

  it('let the settings overrule groups and probes', () => {
    const settings = { ...VERDICT_DEFAULTS, groupMargin: 0.3, probeMargin: 0.6, probeTolerance: 0.1 };
    const own = { margin: 0.01, tolerance: 0.005 };
    expect(groupThreshold(own, 5, 75, settings)).toEqual({ margin: 0.3, tolerance: 0.075 });
    expect(groupThreshold(own, 5, 75, { ...settings, groupTolerance: 0.02 }).tolerance).toBe(0.02);
    expect(probeThreshold(own, settings)).toEqual({ margin: 0.6, tolerance: 0.1 });
    expect(probeThreshold(own, VERDICT_DEFAULTS)).toEqual({ margin: 0.5, tolerance: 0.05 });
  });

  it('scale a pass by what the judge finds and shift both sides by its differential error', () => {
    const judge = { youdenLower: 0.94, differential: 0.001 };
    expect(passBoundary(0.01, judge)).toBeCloseTo(0.0084, 12);
    expect(failBoundary(0.005, judge)).toBeCloseTo(0.006, 12);
  });
});

describe('the limit on blocks', () => {
  it('is 6,000 answers in whole blocks, and at least 12 blocks', () => {
    expect(blockLimit(16, VERDICT_DEFAULTS, null)).toEqual({ blocks: 375, by: 'block-limit' });
    expect(blockLimit(1000, VERDICT_DEFAULTS, null).blocks).toBe(12);
  });

  it('never goes beyond max-answers', () => {
    expect(blockLimit(16, VERDICT_DEFAULTS, 100)).toEqual({ blocks: 6, by: 'answer-limit' });
    expect(blockLimit(16, { ...VERDICT_DEFAULTS, maxBlocks: 5 }, 100)).toEqual({ blocks: 5, by: 'block-limit' });
  });
});

describe('the levels', () => {
  it('share the FAIL process 0.4 / 0.3 / 0.3 between battery, groups and probes', () => {
    const levels = levelsOf(battery(6, 3, 2));
    const of = (kind: string) => levels.filter((level) => level.kind === kind);
    expect(['battery', 'category', 'variant', 'probe'].map((kind) => of(kind).length)).toEqual([1, 3, 2, 6]);
    expect(levels.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(of('battery')[0]?.weight).toBe(0.4);
    expect(of('variant')[0]?.weight).toBeCloseTo(0.06, 12);
    expect(of('probe')[0]?.items).toEqual([0, 1]);
  });

  it('give the groups’ share to the battery where there is one category and one variant', () => {
    const levels = levelsOf(battery(4, 1));
    expect(levels.map(({ kind }) => kind)).toEqual(['battery', 'probe', 'probe', 'probe', 'probe']);
    expect(levels[0]?.weight).toBeCloseTo(0.7, 12);
  });
});
