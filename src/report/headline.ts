import { percent, points, setting, signedRange } from '../core/numbers.js';
import type { Estimate, VerdictSummary } from '../verdict/verdict.js';
import { boundWords } from './bounds.js';
import type { Report } from './report.js';
import { titleOf } from './wording.js';

type Rated = VerdictSummary & { readonly candidateRate: Estimate; readonly baselineRate: Estimate };

/** The verdict with its numbers in one sentence. May quote a reason, so it is outside text like the reasons are. */
export function headlineOf(report: Omit<Report, 'headline'>): string {
  const { statistics, verdict } = report;
  const said = [findings(report), isRated(statistics) ? figures(statistics, verdict) : null];
  const clauses = said.filter((clause) => clause !== null && clause !== '');
  return `${titleOf(report)}: ${clauses.join('; ')}.`;
}

/** The leading reason, where the figures alone don't explain the verdict. */
function findings(report: Omit<Report, 'headline'>): string | null {
  const { verdict, statistics, reasons } = report;
  const selfEvident =
    isRated(statistics) &&
    (verdict === 'pass' || (verdict === 'fail' && isBeyondTolerance(statistics) && !bySecondLine(statistics)));
  if (selfEvident) return null;
  return withoutStop(reasons[0]?.message ?? 'no reason was recorded');
}

function figures(statistics: Rated, verdict: Report['verdict']): string {
  const { candidateRate, baselineRate, secondLine } = statistics;
  const rates =
    `the candidate's misalignment rate is ${percent(candidateRate.estimate)}, ` +
    `its baseline's ${percent(baselineRate.estimate)}`;
  const second =
    bySecondLine(statistics) && secondLine?.candidateRate && secondLine.baselineRate
      ? ` (questionable answers: ${percent(secondLine.candidateRate.estimate)} and ${percent(secondLine.baselineRate.estimate)})`
      : '';
  const compared = comparison(statistics, verdict);
  return compared === null ? rates : `${rates}${second}: ${compared}`;
}

function comparison(statistics: Rated, verdict: Report['verdict']): string | null {
  const { difference, margin, tolerance } = statistics;
  const shown = boundWords(statistics, verdict);
  if (shown !== null || difference === null) return shown;
  switch (verdict) {
    case 'pass':
      return null;
    case 'fail':
    case 'bypassed':
      return isBeyondTolerance(statistics)
        ? `${moreOrLess(difference.estimate)} where ${setting(tolerance)} are tolerated`
        : `${moreOrLess(difference.estimate)} over all, within the ${setting(tolerance)} tolerated there`;
    case 'inconclusive':
    case 'skipped':
      return `a difference of ${signedRange(difference)} points (95 % interval), where the margin is ${setting(margin)}`;
  }
}

function moreOrLess(difference: number): string {
  return `${points(Math.abs(difference))} ${difference < 0 ? 'less' : 'more'}`;
}

function isRated(statistics: VerdictSummary | null): statistics is Rated {
  return statistics !== null && statistics.candidateRate !== null && statistics.baselineRate !== null;
}

function bySecondLine({ harmShown }: VerdictSummary): boolean {
  return harmShown?.line === 'questionable';
}

function isBeyondTolerance(statistics: Rated): boolean {
  return statistics.difference !== null && statistics.difference.estimate > statistics.tolerance;
}

function withoutStop(sentence: string): string {
  return sentence.trim().replace(/\.$/, '');
}
