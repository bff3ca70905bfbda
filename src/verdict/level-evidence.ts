import { InternalError } from '../core/errors.js';
import type { Level } from './levels.js';
import { countsOf, type Differences } from './paired-counts.js';
import { logEFail, logEPass, logSumExp, type PairCounts } from './statistics/e-process.js';
import { failBoundary, passBoundary, type Threshold } from './thresholds.js';
import type { JudgeError, Line } from './verdict.js';

/** What the pairs of some items came to. */
export interface LevelCounts {
  /** The counts behind the FAIL process as last computed: maybe within a block. */
  readonly evidence: PairCounts;
  /** The counts of the last finished block, missing answers as FAIL takes them … */
  readonly fail: PairCounts;
  /** … and as PASS does. */
  readonly pass: PairCounts;
}

/** How the evidence about one level stands. */
export interface Standing extends LevelCounts {
  readonly line: Line;
  readonly level: Level;
  readonly threshold: Threshold;
  /** Natural log of the e-value against "within tolerance", as last computed: maybe within a block. */
  readonly logEFail: number;
  /** Natural log of the e-value against "at or beyond the margin", of the last finished block. */
  readonly logEPass: number;
  readonly shownBelowMargin: boolean;
  /** Means over items among judged answers, the open block's included. */
  readonly candidateRate: number | null;
  readonly baselineRate: number | null;
}

/** The FAIL process as it was last computed. */
export interface FailEvidence {
  readonly differences: Differences;
  /** In the order of the levels. */
  readonly logEs: readonly number[];
  /** ln of the weighted mean over all levels: what is held against 1 / alpha. */
  readonly merged: number;
}

export function failEvidence(
  levels: readonly Level[],
  tolerances: readonly number[],
  differences: Differences,
  judge: JudgeError,
): FailEvidence {
  const logEs = levels.map((level, i) =>
    logEFail(countsOf(differences, level.items), failBoundary(tolerances[i] ?? 1, judge)),
  );
  const merged = logSumExp(levels.map(({ weight }, i) => Math.log(weight) + (logEs[i] ?? 0)));
  return { differences, logEs, merged };
}

export function logEPassOf(standing: Pick<Standing, 'pass' | 'threshold'>, judge: JudgeError): number {
  return logEPass(standing.pass, passBoundary(standing.threshold.margin, judge));
}

/** The battery's own standing, which always comes first. */
export function batteryOf(standings: readonly Standing[]): Standing {
  const battery = standings[0];
  if (battery === undefined) throw new InternalError('verdict.no-levels', 'a battery without levels');
  return battery;
}
