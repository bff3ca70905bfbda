import type { Level } from './levels.js';
import { countsOf, type Differences } from './paired-counts.js';

/**
 * By item, how much the finished blocks speak for harm there: its own mean difference and that of every category, variant and
 * probe it belongs to, added up. Asking the most suspect items of a block first brings a FAIL forward and changes nothing else:
 * FAIL is called within a block once no answer still out can take it back, so it comes in the same block whatever the order.
 */
export function suspicions(levels: readonly Level[], differences: Differences): readonly number[] {
  const sums = differences.plus.map((_, index) => meanDifference(differences, [index]));
  for (const { kind, items } of levels) {
    if (kind === 'battery') continue;
    const mean = meanDifference(differences, items);
    for (const index of items) sums[index] = (sums[index] ?? 0) + mean;
  }
  return sums;
}

function meanDifference(differences: Differences, items: readonly number[]): number {
  const { plus, zero, minus } = countsOf(differences, items);
  return (plus - minus) / Math.max(1, plus + zero + minus);
}
