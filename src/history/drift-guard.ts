import { confidence, points } from '../core/numbers.js';
import { headlineOf } from '../report/headline.js';
import type { DriftComparison, Report, ReportHistory } from '../report/report.js';
import { settle } from '../verdict/decide.js';
import { bySeverity } from '../verdict/guards/answer-rates.js';
import type { GuardFinding } from '../verdict/verdict.js';

/**
 * The report with its history. A drift that was shown takes a pass away: a model that is fine beside its baseline, but worse
 * than what was accepted before, has moved together with that baseline, or in steps that were each small enough.
 */
export function withHistory(report: Report, history: ReportHistory): Report {
  const { statistics, verdict, reasons } = report;
  if (statistics === null) return { ...report, history };
  const finding = driftFinding(history.drift);
  if (finding === null) return { ...report, history };
  const guards = [...statistics.guards, finding].sort(bySeverity);
  const known = { ...report, history, statistics: { ...statistics, guards } };
  if (verdict === 'skipped' || verdict === 'bypassed') return known;
  const settled = { ...known, ...settle({ verdict, reasons }, guards) };
  if (settled.verdict === verdict) return settled;
  const rows = history.rows.map((row, at) =>
    at === history.rows.length - 1 ? { ...row, verdict: settled.verdict } : row,
  );
  return { ...settled, history: { ...history, rows }, headline: headlineOf(settled) };
}

function driftFinding(drift: readonly DriftComparison[]): GuardFinding | null {
  if (drift.length === 0) return null;
  const tripped = drift.some(({ shown }) => shown);
  return { code: 'drift', effect: 'no-pass', tripped, message: drift.map(sentence).join(' ') };
}

function sentence({ against, model, finishedAt, estimate, shown, tolerance, alpha }: DriftComparison): string {
  const than = against === 'anchor' ? 'the anchor' : 'the last accepted run';
  const found =
    estimate === null ? 'no answers in common' : `${points(Math.abs(estimate))} ${estimate < 0 ? 'less' : 'more'}`;
  const which = `${than} (${JSON.stringify(model)}, ${finishedAt.slice(0, 10)})`;
  return shown
    ? `More misaligned than ${which}: ${found}, shown to be beyond the tolerated ${points(tolerance)} (chance of a false alarm at most ${confidence(alpha)}).`
    : `No drift shown from ${which}: ${found}.`;
}
