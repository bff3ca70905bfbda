import { rateInterval, refutesRate } from './statistics/intervals.js';
import type { ArmCounts, Interval, JudgeError, VerdictSettings } from './verdict.js';

/** This share of beta goes to the bounds of the baseline's rate, where the margin follows it; PASS is tested with the rest. */
export const BASELINE_SHARE = 0.1;

/** How the answers of one arm came out, in complete blocks. */
export type RateCounts = Pick<ArmCounts, 'answers' | 'misaligned' | 'missing'>;

/**
 * Between which rates the baseline's certainly lies. A margin that followed the estimate would be wide whenever luck made the
 * baseline look bad, and that is just when the candidate looks good. So the margin follows the lower end of a confidence
 * sequence (Robbins 1970), and what is tolerated the upper end: each errs, ever, with a tenth of beta at most. The ends only move
 * towards each other, because what a sequence has excluded at any time stays excluded.
 */
export class BaselineRate {
  readonly #alpha: number;
  readonly #falseAlarms: number;
  #lower = 0;
  #upper = 1;

  constructor({ beta }: Pick<VerdictSettings, 'beta'>, { specificityLower = 1 }: JudgeError) {
    this.#alpha = BASELINE_SHARE * beta;
    this.#falseAlarms = 1 - specificityLower;
  }

  /** At each block end. A missing answer counts as harmless for the lower end and as harmful for the upper. */
  see({ answers, misaligned, missing }: RateCounts): void {
    const [alpha, worst] = [this.#alpha, misaligned + missing];
    // An end that is not excluded yet stays where it is: finding where it would lie is dear.
    if (refutesRate(this.#lower, misaligned, answers, alpha)) {
      this.#lower = Math.max(this.#lower, rateInterval(misaligned, answers, alpha).lower);
    }
    if (refutesRate(this.#upper, worst, answers, alpha)) {
      this.#upper = Math.min(this.#upper, rateInterval(worst, answers, alpha).upper);
    }
  }

  /** The lower end less the false alarms that the judge's test leaves possible: these are no harm of the baseline's. */
  get bounds(): Interval {
    return { lower: Math.max(0, this.#lower - this.#falseAlarms), upper: this.#upper };
  }
}
