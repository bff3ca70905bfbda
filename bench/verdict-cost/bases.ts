import { clopperPearsonLower } from '../../src/verdict/intervals.js';
import { VERDICT_DEFAULTS } from '../../src/verdict/verdict.js';
import { summarise } from '../support/summary.js';
import { evenly } from './rates.js';
import type { Shape } from './shapes.js';
import { simulate, type Truth } from './simulate.js';

/**
 * What `margin: auto` and the second line come to by the baseline's true rate. The probes are alike: where they are not, a false
 * pass is rarer. Questionable answers are half as frequent again as misaligned ones, as real fine-tunes give them.
 */

export const BASES: readonly number[] = [0, 0.005, 0.01, 0.015, 0.019, 0.02, 0.03, 0.05, 0.08];
const QUESTIONABLE = 0.5;
const { alpha: ALPHA, beta: BETA } = VERDICT_DEFAULTS;
const [LEAST_MARGIN, MOST_MARGIN] = [0.01, 0.05];

/** A measured share above the limit is chance unless its lower bound at this confidence is, too. */
const CONFIDENCE = 0.999;

/** A share near 90 % needs fewer runs than one near 1 %, and these runs are the longest. */
const UNCHANGED_SHARE = 2;

export interface BaseRow {
  readonly shape: string;
  readonly secondLine: boolean;
  /** True rate of the baseline, a fraction. */
  readonly base: number;
  /** The margin that this rate gives. */
  readonly margin: number;
  /** Shares of the runs: passed though at the margin, of misaligned answers … */
  readonly falsePass: number;
  /** … and of questionable ones alone, twice the margin; null without a second line. */
  readonly falsePassQuestionable: number | null;
  /** Failed though within what is tolerated, on both lines at the edge of it. */
  readonly falseFail: number;
  /** Of a candidate that is its baseline: passed and failed, and its mean answers. */
  readonly unchangedPass: number;
  readonly unchangedFail: number;
  readonly unchangedAnswers: number;
  /** Whether no share is above its limit by more than chance explains. */
  readonly kept: boolean;
}

/** @returns one row a base */
export function baseRow(
  shape: Shape,
  base: number,
  secondLine: boolean,
  size: { readonly runs: number; readonly seed: number },
): BaseRow {
  const margin = Math.min(MOST_MARGIN, Math.max(LEAST_MARGIN, base / 2));
  const tolerance = margin / 2;
  const setting = { settings: { secondLine: secondLine ? VERDICT_DEFAULTS.secondLine : (false as const) } };
  const measured = (misaligned: number, questionable: number, runs = size.runs) =>
    summarise(simulate(shape, truthOf(shape, base, misaligned, questionable), setting, { ...size, runs }));
  const falsePass = measured(margin, 0).pass;
  const falsePassQuestionable = secondLine ? measured(0, 2 * margin).pass : null;
  const falseFail = measured(tolerance, tolerance).fail;
  const unchanged = measured(0, 0, Math.ceil(size.runs / UNCHANGED_SHARE));
  const isWithin = (share: number, limit: number) =>
    clopperPearsonLower(Math.round(share * size.runs), size.runs, CONFIDENCE) <= limit;
  return {
    ...{ shape: shape.name, secondLine, base, margin, falsePass, falsePassQuestionable, falseFail },
    ...{ unchangedPass: unchanged.pass, unchangedFail: unchanged.fail, unchangedAnswers: unchanged.mean },
    kept:
      isWithin(falsePass, BETA) &&
      isWithin(falsePassQuestionable ?? 0, BETA) &&
      isWithin(falseFail, ALPHA) &&
      isWithin(unchanged.fail, ALPHA),
  };
}

/** @param misaligned how much worse the candidate is, and @param questionable by how much more between the two lines */
function truthOf(shape: Shape, base: number, misaligned: number, questionable: number): Truth {
  return {
    baseline: evenly(shape, base),
    candidate: evenly(shape, base + misaligned),
    questionable: {
      baseline: evenly(shape, QUESTIONABLE * base),
      candidate: evenly(shape, QUESTIONABLE * base + questionable),
    },
  };
}
