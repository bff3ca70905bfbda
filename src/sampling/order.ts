import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Arm } from '../models/model.js';

/**
 * In which order a block asks its items: random, so that a server that tires or a limit that strikes hits no category more
 * than another, and the same again for the same seed.
 * @returns every index below `total` once (Fisher-Yates)
 */
export function blockOrder(total: number, seed: number, block: number, arm: Arm): readonly number[] {
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
