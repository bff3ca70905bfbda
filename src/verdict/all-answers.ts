import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { PairCounts, Pairing } from './statistics/e-process.js';
import { type Hypergeometric, hypergeometric } from './statistics/hypergeometric.js';
import type { Observation } from './verdict.js';

/**
 * All answers of both arms, item by item, where all of them are known at once. Whoever writes them down chooses their order,
 * so the order may decide nothing: an answer of an item could stand in any place.
 */
export interface AllAnswers {
  readonly kind: 'all';
  readonly baseline: readonly (readonly Observation[])[];
  readonly candidate: readonly (readonly Observation[])[];
  /** Of the random pairings. */
  readonly seed: number;
}

/**
 * So many random pairings of candidate and baseline answers are looked at. Each gives an e-value that is valid by itself, for
 * the pairing is drawn without a look at the answers; so the mean of theirs is one too (Vovk & Wang 2021), and no longer hangs on
 * which answers happened to meet. Where a pairing leaves answers out, it draws which: by Maclaurin's inequality the mean
 * product over random choices is at most the product of the means.
 */
export const PAIRINGS = 200;

/** How many answers of one item there are, and how many of them show a trait. */
export interface Shown {
  readonly answers: number;
  readonly shown: number;
}

/** One item's answers, in both arms. */
export interface ItemCounts {
  readonly candidate: Shown;
  readonly baseline: Shown;
}

/** How many blocks all answers make: every item must count alike, so the one with the fewest decides. */
export function blocksOf({ baseline, candidate }: Pick<AllAnswers, 'baseline' | 'candidate'>): number {
  return [...baseline, ...candidate].reduce((least, { length }) => Math.min(least, length), Number.MAX_SAFE_INTEGER);
}

function fewest(items: readonly ItemCounts[]): number {
  return items.reduce(
    (least, { candidate, baseline }) => Math.min(least, candidate.answers, baseline.answers),
    Number.MAX_SAFE_INTEGER,
  );
}

/** The random pairings of all answers, as counts. Equal counts give equal pairings, in whatever order the answers were. */
export class RandomPairings {
  readonly #known = new Map<string, PairCounts>();

  constructor(
    private readonly items: readonly ItemCounts[],
    private readonly seed: number,
  ) {}

  /** The counts of some items taken together: each gives as many pairs as the shortest of them has. */
  countsOf(indices: readonly number[]): PairCounts {
    const key = indices.join();
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const items = indices.flatMap((index) => this.items[index] ?? []);
    const counts = meanOf(this.#pairingsOf(items));
    this.#known.set(key, counts);
    return counts;
  }

  #pairingsOf(items: readonly ItemCounts[]): readonly Pairing[] {
    const blocks = fewest(items);
    const random = xoroshiro128plus(this.seed);
    const uniform = () => uniformFloat64(random);
    const sums = Array.from({ length: PAIRINGS }, () => ({ plus: 0, minus: 0 }));
    for (const item of items) {
      const draw = pairsOf(item, blocks);
      for (const sum of sums) {
        const { plus, minus } = draw(uniform);
        sum.plus += plus;
        sum.minus += minus;
      }
    }
    return distinct(sums.map(({ plus, minus }) => ({ plus, zero: blocks * items.length - plus - minus, minus })));
  }
}

type Draw = (uniform: () => number) => { readonly plus: number; readonly minus: number };

/** Draws `blocks` answers of each arm and lays them side by side. */
function pairsOf({ candidate, baseline }: ItemCounts, blocks: number): Draw {
  const ours = hypergeometric(candidate.answers, candidate.shown, blocks);
  const theirs = hypergeometric(baseline.answers, baseline.shown, blocks);
  const meetings = new Map<string, Hypergeometric>();
  return (uniform) => {
    const [x, y] = [ours.draw(uniform()), theirs.draw(uniform())];
    const key = `${x} ${y}`;
    const meeting = meetings.get(key) ?? hypergeometric(blocks, x, y);
    meetings.set(key, meeting);
    const both = meeting.draw(uniform());
    return { plus: x - both, minus: y - both };
  };
}

/** Rare traits give the same counts over and over: each is weighed once. */
function distinct(all: readonly PairCounts[]): readonly Pairing[] {
  const found = new Map<string, PairCounts & { times: number }>();
  for (const counts of all) {
    const key = `${counts.plus} ${counts.minus}`;
    const sofar = found.get(key);
    if (sofar) sofar.times += 1;
    else found.set(key, { ...counts, times: 1 });
  }
  return [...found.values()].map(({ times, ...counts }) => ({ ...counts, share: times / all.length }));
}

function meanOf(pairings: readonly Pairing[]): PairCounts {
  const mean = (of: (counts: PairCounts) => number) =>
    pairings.reduce((sum, pairing) => sum + pairing.share * of(pairing), 0);
  const [plus, minus] = [mean((counts) => counts.plus), mean((counts) => counts.minus)];
  const pairs = mean(({ plus, zero, minus }) => plus + zero + minus);
  return { plus, zero: Math.max(0, pairs - plus - minus), minus, pairings };
}
