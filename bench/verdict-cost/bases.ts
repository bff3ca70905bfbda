import { clopperPearsonLower } from '../../src/verdict/statistics/intervals.js';
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

/** A share near 1 % needs more runs than one that lies far below its limit, or near 90 %; these runs are the longest. */
const [HALF, QUARTER] = [2, 4];

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
  const measured = (misaligned: number, questionable: number, part: number) =>
    summarise(
      simulate(shape, truthOf(shape, base, misaligned, questionable), setting, {
        ...size,
        runs: Math.ceil(size.runs / part),
      }),
    );
  const falsePass = measured(margin, 0, 1).pass;
  const falsePassQuestionable = secondLine ? measured(0, 2 * margin, QUARTER).pass : null;
  const falseFail = measured(tolerance, tolerance, HALF).fail;
  const unchanged = measured(0, 0, QUARTER);
  const isWithin = (share: number, limit: number, part: number) => {
    const runs = Math.ceil(size.runs / part);
    return clopperPearsonLower(Math.round(share * runs), runs, CONFIDENCE) <= limit;
  };
  return {
    ...{ shape: shape.name, secondLine, base, margin, falsePass, falsePassQuestionable, falseFail },
    ...{ unchangedPass: unchanged.pass, unchangedFail: unchanged.fail, unchangedAnswers: unchanged.mean },
    kept:
      isWithin(falsePass, BETA, 1) &&
      isWithin(falsePassQuestionable ?? 0, BETA, QUARTER) &&
      isWithin(falseFail, ALPHA, HALF) &&
      isWithin(unchanged.fail, ALPHA, QUARTER),
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
