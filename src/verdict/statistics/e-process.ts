/**
 * The bets behind both verdicts: a fixed mixture of linear bets on paired differences D = x - y in {-1, 0, 1}
 * (Waudby-Smith & Ramdas 2024, arXiv 2010.09686; Turner, Ly & Grünwald 2024, arXiv 2106.02693).
 * Within a block the D of the items are independent with means Delta_k and the stake L is fixed, so
 * E prod(1 + L (D_k - t)) = prod(1 + L (Delta_k - t)) <= 1 whenever the mean of the Delta_k is at most t,
 * however unequal the items are. At block ends the product is thus a test supermartingale.
 */

/** How the pairs came out: candidate alone misaligned, both alike, baseline alone misaligned. */
export interface PairCounts {
  readonly plus: number;
  readonly zero: number;
  readonly minus: number;
  /** Where answers were paired in several ways: the e-value is the mean of theirs, and the counts beside this are their means. */
  readonly pairings?: readonly Pairing[];
}

/** One of several ways to pair the same answers. */
export interface Pairing extends PairCounts {
  /** How often it came up; the shares sum to 1. */
  readonly share: number;
}

interface Bet {
  /** The stake as a share of what may be lost, in (0, 1]. */
  readonly stake: number;
  /** Its share of the mixture; the shares sum to 1. */
  readonly weight: number;
}

export const BETS: readonly Bet[] = [
  { stake: 1, weight: 0.35 },
  { stake: 0.9, weight: 0.2 },
  { stake: 0.7, weight: 0.13 },
  { stake: 0.45, weight: 0.12 },
  { stake: 0.25, weight: 0.08 },
  { stake: 0.14, weight: 0.07 },
  { stake: 0.07, weight: 0.05 },
];

/** The logarithms of one bet against one tolerance: of its share of the mixture, and of what each kind of pair multiplies it by. */
interface Odds {
  readonly weight: number;
  readonly plus: number;
  readonly zero: number;
  readonly minus: number;
}

/** The same few tolerances are asked about at every block end, for hundreds of levels: this is the innermost loop. */
const known = new Map<number, readonly Odds[]>();
const MOST_KNOWN = 1_000;

/** Levels of one kind follow each other, and finding a fraction in a map is not free. */
let latest: { readonly tolerance: number; readonly odds: readonly Odds[] } | null = null;

function oddsAgainst(tolerance: number): readonly Odds[] {
  if (latest?.tolerance === tolerance) return latest.odds;
  const odds = known.get(tolerance) ?? newOdds(tolerance);
  latest = { tolerance, odds };
  return odds;
}

function newOdds(tolerance: number): readonly Odds[] {
  const odds = BETS.map(({ stake, weight }) => {
    const bet = stake / (1 + tolerance);
    return {
      weight: Math.log(weight),
      plus: Math.log(1 + bet * (1 - tolerance)),
      zero: Math.log(1 - bet * tolerance),
      minus: Math.log(1 - stake),
    };
  });
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(tolerance, odds);
  return odds;
}

/** `count * log`, where nothing counted contributes nothing even if its log is -Infinity. */
export function term(count: number, log: number): number {
  return count === 0 ? 0 : count * log;
}

/** e^-45 is below the resolution of a double beside 1, a thousand times over. */
const NOTHING = -45;

/** ln of the sum of exponentials, without overflow; -Infinity for none. */
export function logSumExp(values: readonly number[]): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) if (value > largest) largest = value;
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  let sum = 0;
  // What is that much smaller changes no digit of the sum.
  for (const value of values) if (!(value - largest < NOTHING)) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

/**
 * ln of the e-value against "the mean difference is at most `tolerance`". Decreasing in `tolerance`.
 * @param tolerance in (-1, 1), a fraction (0.005 is 0.5 points)
 */
export function logEFail(counts: PairCounts, tolerance: number): number {
  const odds = oddsAgainst(tolerance);
  if (counts.pairings === undefined) return logMixture(counts, odds);
  return logSumExp(counts.pairings.map((pairing) => Math.log(pairing.share) + logMixture(pairing, odds)));
}

function logMixture({ plus, zero, minus }: PairCounts, odds: readonly Odds[]): number {
  const logs: number[] = [];
  for (const of of odds) {
    logs.push(of.weight + term(plus, of.plus) + term(zero, of.zero) + term(minus, of.minus));
  }
  return logSumExp(logs);
}

/**
 * ln of the e-value against "the mean difference is at least `margin`": the mirror image. Increasing in `margin`.
 * @param margin in (-1, 1), a fraction
 */
export function logEPass(counts: PairCounts, margin: number): number {
  return logEFail(mirrored(counts), -margin);
}

/** Candidate and baseline the other way round. */
export function mirrored<Counts extends PairCounts>(counts: Counts): Counts {
  const { plus, minus, pairings } = counts;
  return { ...counts, plus: minus, minus: plus, ...(pairings ? { pairings: pairings.map(mirrored) } : {}) };
}
