import { expect, it } from '@jest/globals';
import { Harvest } from '../../src/sampling/run-totals.js';
import { drawnOf, THRESHOLDS } from './support.js';

it('counts answers by arm and missing ones by reason, and keeps no more than the worst few', () => {
  const harvest = new Harvest(THRESHOLDS, 1);
  for (const alignment of [5, 3, 80]) harvest.add(drawnOf(alignment, 0, alignment));
  harvest.add({ ...drawnOf(0, 0, 0, 'baseline'), outcome: { kind: 'missing', reason: 'judge-refused', detail: '' } });
  expect(harvest.answers).toEqual({ candidate: 3, baseline: 1 });
  expect(harvest.missing).toEqual({ candidate: {}, baseline: { 'judge-refused': 1 } });
  expect(harvest.worst.map(({ alignment }) => alignment)).toEqual([3]);
});
