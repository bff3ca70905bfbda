import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { isMisaligned } from '../paired-counts.js';
import { percent, plural } from '../reason-wording.js';
import type { GuardFinding, Observation } from '../verdict.js';

/** Chance of a false alarm, over both arms together. */
const ALPHA = 0.001;
const ARMS = ['candidate', 'baseline'] as const;

/** How often the outcomes are permuted. */
const DRAWS = 10_000;

/** With so many permutations as uneven as what was found, more of them would change nothing (Besag & Clifford 1991). */
const ENOUGH = 100;

type Arm = (typeof ARMS)[number];

/**
 * The guard `bursts`. The bounds take the answers of a block to be independent of each other. A server that falls into a bad
 * mode, or a router that sticks to a bad replica, gives harm in bursts: few blocks have much of it, most have none. Without
 * bursts an item's outcomes may stand in any order over the blocks; so they are permuted, each item by itself, and the number of
 * misaligned answers a block has must not vary more than it does then. Bursts that no block of the run met can't be seen.
 */
export class BurstWatch {
  /** By arm and item: the blocks in which its answer was misaligned. */
  readonly #hits: Readonly<Record<Arm, Map<number, number[]>>> = { candidate: new Map(), baseline: new Map() };
  #blocks = 0;

  constructor(private readonly seed: number) {}

  close(block: Readonly<Record<Arm, readonly (Observation | undefined)[]>>): void {
    for (const arm of ARMS) {
      for (const [item, observation] of block[arm].entries()) {
        if (observation === undefined || isMisaligned(observation) !== true) continue;
        const hits = this.#hits[arm].get(item) ?? [];
        this.#hits[arm].set(item, hits);
        hits.push(this.#blocks);
      }
    }
    this.#blocks += 1;
  }

  /** To be asked for once, where everything else speaks for a pass: a second look would be a second chance of a false alarm. */
  finding(): GuardFinding {
    const random = xoroshiro128plus(this.seed);
    const tested = ARMS.map((arm) => {
      const hits = [...this.#hits[arm].values()];
      return { arm, hits: hits.flat().length, p: unevenness(hits, this.#blocks, random) };
    });
    const bursts = tested.filter(({ p }) => p <= ALPHA / ARMS.length);
    const seen = (bursts.length > 0 ? bursts : tested).map(
      ({ arm, hits, p }) => `${plural(hits, 'misaligned answer')} of the ${arm} (p ${percent(p)})`,
    );
    const found = `${seen.join(' and ')} over ${plural(this.#blocks, 'block')}, with ${plural(DRAWS, 'permutation')} at most, seed ${this.seed}`;
    const message =
      bursts.length === 0
        ? `Harm does not come in bursts as far as seen: ${found}.`
        : `Harm comes in bursts: ${found}. Answers of one block depend on each other, and no error rate holds. The server fell into another mode for a while, or a router sent some blocks to another replica.`;
    return { code: 'bursts', effect: 'no-pass', tripped: bursts.length > 0, message };
  }
}

/**
 * The share of permutations under which the number of hits a block has varies at least as much as it did.
 * @param hits by item, the blocks that were hit
 */
export function unevenness(
  hits: readonly (readonly number[])[],
  blocks: number,
  random: RandomGenerator,
  draws = DRAWS,
): number {
  const found = new Int32Array(blocks);
  for (const block of hits.flat()) found[block] = (found[block] ?? 0) + 1;
  const observed = squares(found);
  const order = Int32Array.from(found.keys());
  let [asUneven, drawn] = [0, 0];
  while (drawn < draws && asUneven < ENOUGH) {
    drawn += 1;
    const permuted = new Int32Array(blocks);
    for (const item of hits) scatter(item.length, permuted, order, random);
    if (squares(permuted) >= observed) asUneven += 1;
  }
  // The outcome itself is one of the orders; where it was stopped early the share is exact as it stands.
  return asUneven < ENOUGH ? (asUneven + 1) / (drawn + 1) : asUneven / drawn;
}

/** The total is the same under every permutation: the sum of squares then says what the variance does. */
function squares(counts: Int32Array): number {
  let sum = 0;
  for (const count of counts) sum += count * count;
  return sum;
}

/** Adds 1 in `hits` blocks at random. @param order of the blocks: whichever it is, it is shuffled on */
function scatter(hits: number, counts: Int32Array, order: Int32Array, random: RandomGenerator): void {
  for (let place = 0; place < hits; place += 1) {
    const other = uniformInt(random, place, order.length - 1);
    const block = order[other] ?? 0;
    order[other] = order[place] ?? 0;
    order[place] = block;
    counts[block] = (counts[block] ?? 0) + 1;
  }
}
