import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Arm } from '../models/model.js';

/**
 * In which order a block asks its items: random, so that a server that tires or a limit that strikes hits no category more
 * than another, and the same again for the same seed and the same answers. What the blocks so far suspect comes first: a FAIL
 * is then reached sooner, and nothing else changes (verdict/item-priority.ts).
 * @param suspicions by item; none where every item is as good as another
 * @returns every index below `total` once
 */
export function blockOrder(
  total: number,
  seed: number,
  block: number,
  arm: Arm,
  suspicions: readonly number[] = [],
): readonly number[] {
  // The sort is stable: equals stay in random order.
  return shuffled(total, seed, block, arm).sort((a, b) => (suspicions[b] ?? 0) - (suspicions[a] ?? 0));
}

/** Fisher-Yates. */
function shuffled(total: number, seed: number, block: number, arm: Arm): number[] {
  // Multiplied apart by odd constants, so that neighbouring seeds and blocks share no order.
  const random = xoroshiro128plus(
    Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(2 * block + Number(arm === 'candidate'), 0x85ebca6b),
  );
  const order = Array.from({ length: total }, (_, index) => index);
  for (let last = total - 1; last > 0; last -= 1) {
    const other = uniformInt(random, 0, last);
    [order[last], order[other]] = [order[other] ?? 0, order[last] ?? 0];
  }
  return order;
}
