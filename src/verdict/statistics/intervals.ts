import type { Interval } from '../verdict.js';
import { logEFail, mirrored, type PairCounts, term } from './e-process.js';
import { logBeta, logGamma } from './gamma.js';

/** Halvings: 2 / 2^80 is far below the resolution of a double. */
const STEPS = 80;

/** Keeps the bets away from the ends of (-1, 1), where a logarithm diverges. */
const EDGE = 1e-9;

/** The prior of the beta-binomial mixture: most mass near small rates, where models are. */
const PRIOR = { a: 0.2, b: 2 };

/** Narrows [lower, upper] to where `below` turns from true to false. */
function bisect(lower: number, upper: number, below: (x: number) => boolean): Interval {
  let [from, to] = [lower, upper];
  for (let step = 0; step < STEPS; step++) {
    const middle = (from + to) / 2;
    if (below(middle)) from = middle;
    else to = middle;
  }
  return { lower: from, upper: to };
}

/**
 * Lower end of the one-sided (1 - alpha) confidence sequence for the mean difference: all smaller differences are refuted.
 * @returns a fraction in [-1, 1]; -1 without pairs
 */
export function lowerDifference(counts: PairCounts, alpha: number): number {
  if (counts.plus + counts.zero + counts.minus === 0) return -1;
  const refuted = (difference: number) => logEFail(counts, difference) >= Math.log(1 / alpha);
  const [least, most] = [-1 + EDGE, 1 - EDGE];
  if (!refuted(least)) return least;
  if (refuted(most)) return most;
  return bisect(least, most, refuted).lower;
}

/** Upper end of the same: the mirror image. */
export function upperDifference(counts: PairCounts, alpha: number): number {
  return -lowerDifference(mirrored(counts), alpha);
}

/**
 * Robbins' beta-binomial confidence sequence (Robbins 1970) for the mean rate of one arm, valid at block ends.
 * @param successes how many of `n`, 0 … n
 * @returns fractions in [0, 1]; [0, 1] when n is 0
 */
export function rateInterval(successes: number, n: number, alpha: number): Interval {
  if (n === 0) return { lower: 0, upper: 1 };
  const failures = n - successes;
  const refuted = refutationOf(successes, failures, alpha);
  const middle = successes / n;
  return {
    lower: successes === 0 ? 0 : bisect(0, middle, refuted).upper,
    upper: failures === 0 ? 1 : bisect(middle, 1, (rate) => !refuted(rate)).lower,
  };
}

/** Whether a rate lies outside of `rateInterval`, for much less than finding its ends takes. */
export function refutesRate(rate: number, successes: number, n: number, alpha: number): boolean {
  return n > 0 && refutationOf(successes, n - successes, alpha)(rate);
}

function refutationOf(successes: number, failures: number, alpha: number): (rate: number) => boolean {
  const mixture = logBeta(PRIOR.a + successes, PRIOR.b + failures) - logBeta(PRIOR.a, PRIOR.b);
  return (rate) =>
    mixture - term(successes, Math.log(rate)) - term(failures, Math.log(1 - rate)) >= Math.log(1 / alpha);
}

/**
 * Exact one-sided lower bound for a proportion (Clopper & Pearson 1934): the rate at which `successes` or more of `n`
 * would be seen with probability 1 - confidence.
 * @param confidence in (0, 1)
 * @returns a fraction in [0, 1); 0 when there are no successes or nothing was tried
 */
export function clopperPearsonLower(successes: number, n: number, confidence = 0.95): number {
  if (successes <= 0 || n <= 0) return 0;
  const logChoose = Array.from({ length: n - successes + 1 }, (_, i) => {
    const k = successes + i;
    return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
  });
  const tail = (rate: number) =>
    logChoose.reduce((sum, log, i) => {
      const k = successes + i;
      return sum + Math.exp(log + term(k, Math.log(rate)) + term(n - k, Math.log(1 - rate)));
    }, 0);
  return bisect(0, 1, (rate) => tail(rate) < 1 - confidence).lower;
}

/**
 * e-BH (Wang & Ramdas 2022): which hypotheses to suspect at false discovery rate `q`, under any dependence.
 * @param logEs natural logs of the e-values
 * @returns indices, ascending
 */
export function eBH(logEs: readonly number[], q: number): number[] {
  const order = logEs.map((logE, index) => ({ logE, index })).sort((a, b) => b.logE - a.logE);
  const found = order.findLastIndex(({ logE }, i) => logE >= Math.log(order.length / ((i + 1) * q)));
  return order
    .slice(0, found + 1)
    .map(({ index }) => index)
    .sort((a, b) => a - b);
}
