import { logEPass, type PairCounts } from './statistics/e-process.js';

/** Past this many blocks nothing is to be expected. */
const MOST_BLOCKS = 2 ** 20;

/**
 * The smallest whole number above `from` that satisfies `enough`, which must stay true once it is.
 * @returns null when it is beyond 2^20
 */
export function smallestAbove(from: number, enough: (n: number) => boolean): number | null {
  let step = 1;
  while (!enough(from + step)) {
    step *= 2;
    if (from + step > MOST_BLOCKS) return null;
  }
  let [too, fine] = [from + Math.floor(step / 2), from + step];
  while (fine - too > 1) {
    const middle = Math.floor((too + fine) / 2);
    if (enough(middle)) fine = middle;
    else too = middle;
  }
  return fine;
}

function scaled({ plus, zero, minus }: PairCounts, factor: number): PairCounts {
  return { plus: plus * factor, zero: zero * factor, minus: minus * factor };
}

/** What must be shown to lie below its boundary before a pass. */
export interface Claim {
  readonly pass: PairCounts;
  readonly boundary: number;
  readonly beta: number;
}

/**
 * At how many blocks the claim would be shown if all went on as it has. The logarithm of the e-value is convex in the
 * number of blocks and starts at 0, so once beyond its threshold it stays there.
 */
export function blocksToShow({ pass, boundary, beta }: Claim, blocks: number): number | null {
  return smallestAbove(
    blocks,
    (more) => logEPass(scaled(pass, more / Math.max(1, blocks)), boundary) >= Math.log(1 / beta),
  );
}
