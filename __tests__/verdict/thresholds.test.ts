import { describe, expect, it } from '@jest/globals';
import { levelsOf } from '../../src/verdict/levels.js';
import { secondJudge, secondLevels, secondThreshold } from '../../src/verdict/second-line.js';
import {
  autoMargin,
  batteryThreshold,
  blockLimit,
  failBoundary,
  groupThreshold,
  marginRange,
  passBeta,
  passBoundary,
  probeThreshold,
} from '../../src/verdict/thresholds.js';
import { VERDICT_DEFAULTS } from '../../src/verdict/verdict.js';
import { battery } from './support.js';

describe('the automatic margin', () => {
  it('is half the rate, not rounded, from 1 to 5 points', () => {
    expect([0, 0.001, 0.02, 0.021, 0.05, 0.0999, 0.1, 0.5].map(autoMargin)).toEqual([
      0.01, 0.01, 0.01, 0.0105, 0.025, 0.04995, 0.05, 0.05,
    ]);
    expect(marginRange('auto')).toEqual({ lower: 0.01, upper: 0.05 });
    expect(marginRange(0.125)).toEqual({ lower: 0.125, upper: 0.125 });
  });

  it('follows the lower end of the baseline’s rate, and what is tolerated the upper', () => {
    expect(batteryThreshold(VERDICT_DEFAULTS, { lower: 0.03, upper: 0.06 })).toEqual({
      margin: 0.015,
      tolerance: 0.015,
      tolerantMargin: 0.03,
    });
    expect(batteryThreshold(VERDICT_DEFAULTS, { lower: 0, upper: 0.01 }).tolerance).toBe(0.005);
  });

  it('is a margin’s alone to move: one that is set stays', () => {
    const set = { ...VERDICT_DEFAULTS, margin: 0.1, tolerance: 0 };
    expect(batteryThreshold(set, { lower: 0.3, upper: 0.4 })).toEqual({ margin: 0.1, tolerance: 0 });
  });

  it('costs a pass a tenth of beta', () => {
    expect(passBeta(VERDICT_DEFAULTS)).toBeCloseTo(0.009, 15);
    expect(passBeta({ ...VERDICT_DEFAULTS, margin: 0.01 })).toBe(0.01);
  });
});

describe('the second line', () => {
  it('allows twice as much, at most 75 points', () => {
    expect(secondThreshold({ margin: 0.01, tolerance: 0.005 })).toEqual({ margin: 0.02, tolerance: 0.01 });
    expect(secondThreshold({ margin: 0.5, tolerance: 0.45 })).toEqual({ margin: 0.75, tolerance: 0.75 });
  });

  it('is tested on the battery and its groups, half each', () => {
    const levels = secondLevels(levelsOf(battery(6, 3, 2)));
    expect(levels.map(({ kind }) => kind)).toEqual([
      'battery',
      'category',
      'category',
      'category',
      'variant',
      'variant',
    ]);
    expect(levels.map(({ weight }) => weight)).toEqual([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]);
    expect(secondLevels(levelsOf(battery(4, 1))).map(({ kind, weight }) => [kind, weight])).toEqual([['battery', 1]]);
  });

  it('takes the judge’s errors there, and where these were not measured, those of the first', () => {
    const own = { youdenLower: 0.9, differential: 0.01, specificityLower: 0.95 };
    expect(secondJudge(own)).toEqual(own);
    expect(secondJudge({ ...own, secondLine: { youdenLower: 0.8 } })).toEqual({ ...own, youdenLower: 0.8 });
  });
});

describe('thresholds', () => {
  it('tolerate half the margin unless set, and of a baseline that nobody knows yet the most', () => {
    expect(batteryThreshold({ ...VERDICT_DEFAULTS, margin: 0.01 })).toEqual({ margin: 0.01, tolerance: 0.005 });
    expect(batteryThreshold(VERDICT_DEFAULTS)).toEqual({ margin: 0.01, tolerance: 0.025, tolerantMargin: 0.05 });
  });

  it('let a group’s tolerance follow the margin that tolerances follow', () => {
    const wide = { margin: 0.01, tolerance: 0.025, tolerantMargin: 0.05 };
    expect(groupThreshold(wide, 5, 20)).toEqual({ margin: 0.04, tolerance: 0.05 });
  });

  it('allow a group the shift that would just break the battery, at most 50 points', () => {
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
