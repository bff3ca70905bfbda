import { describe, expect, it } from '@jest/globals';
import { Latches } from '../../src/verdict/latches.js';
import { levelsOf } from '../../src/verdict/levels.js';
import { battery } from './support.js';

const LEVELS = levelsOf(battery(1, 1));
const MARGINS = [0.01, 0.02, 0.05];

/** One item, `plus` of whose pairs went against the candidate. */
const counted = (blocks: number, plus = 0) => ({ plus: [plus], minus: [0], blocks });

describe('what was shown to lie below a margin', () => {
  it('counts for this margin and all wider ones, not for narrower ones', () => {
    const latches = new Latches(LEVELS, MARGINS, (_, margin) => margin);
    latches.update(counted(300), 0.01);
    expect(MARGINS.map((margin) => latches.shown(0, margin))).toEqual([false, true, true]);
  });

  it('stays shown when later answers look worse', () => {
    const latches = new Latches(LEVELS, MARGINS, (_, margin) => margin);
    latches.update(counted(300), 0.01);
    latches.update(counted(400, 30), 0.01);
    expect(MARGINS.map((margin) => latches.shown(0, margin))).toEqual([false, true, true]);
  });

  it('is tested at the boundary that the judge’s errors leave', () => {
    const latches = new Latches(LEVELS, MARGINS, (_, margin) => 0.5 * margin);
    latches.update(counted(300), 0.01);
    expect(MARGINS.map((margin) => latches.shown(0, margin))).toEqual([false, false, true]);
  });

  it('is nothing before the first block, and nothing at a margin below all', () => {
    const latches = new Latches(LEVELS, MARGINS, (_, margin) => margin);
    expect(MARGINS.some((margin) => latches.shown(0, margin))).toBe(false);
    latches.update(counted(2000), 0.01);
    expect(latches.shown(0, 0.01)).toBe(true);
    expect(latches.shown(0, 0.005)).toBe(false);
    expect(latches.shown(7, 0.05)).toBe(false);
  });
});
