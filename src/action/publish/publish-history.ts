import { formerKey, laterStep } from '../../github/comment-marker.js';
import { appendHistory, type HistoryBranch, historyAdvice, readHistory } from '../../github/history-branch.js';
import { badgePath, renderBadge } from '../../history/badge.js';
import { withHistory } from '../../history/drift-guard.js';
import { parseHistory } from '../../history/parse.js';
import { type HistoryRecord, recordOf, renderRecord } from '../../history/record.js';
import { historyOf } from '../../history/series.js';
import type { Report } from '../../report/report.js';
import { gateName, markerFor, repositoryOf, type Session } from '../session.js';

/** The report with what the history branch says about it. Best effort: a branch that can't be read is named, the verdict stands. */
export async function recallHistory(session: Session, report: Report): Promise<Report> {
  const { settings, log } = session;
  const record = recordOfRun(session, report);
  if (record === null || !settings || settings.history.branch === null) return report;
  const { branch, anchor, staleAfterDays } = settings.history;
  // What the verdict itself was held to; where nothing was measured nothing is compared either.
  const { tolerance = 0, alpha = 0 } = report.statistics ?? {};
  const options = { branch, anchor, staleAfterDays, tolerance, alpha, formerGate: formerKey(gateName(session)) };
  try {
    const text = await readHistory(await placeOf(session, branch));
    return withHistory(report, historyOf(record, parseHistory(text), options));
  } catch (error) {
    const advice = historyAdvice(error, branch, 'read');
    log.warning(advice);
    return { ...report, history: { branch, rows: [], drift: [], notes: [advice] } };
  }
}

/** Appends this run to the history branch. Best effort, like the comment. */
export async function rememberRun(session: Session, report: Report): Promise<void> {
  const branch = session.settings?.history.branch ?? null;
  const record = recordOfRun(session, report);
  if (branch === null || record === null) return;
  try {
    await appendHistory(await placeOf(session, branch), {
      line: renderRecord(record),
      files: badgeOf(session, record),
      // A commit by another token than the job's own would start workflows.
      message: `misalignment-gate: ${record.verdict}, run ${record.runId} [skip ci]`,
    });
  } catch (error) {
    session.log.warning(historyAdvice(error, branch, 'written'));
  }
}

/** Null for a run that measured nothing of its own: skipped, or an earlier run's verdict given again. */
function recordOfRun(session: Session, report: Report): HistoryRecord | null {
  const { event, tracks } = session;
  if (event === null || report.verdict === 'skipped' || (report.statistics !== null && tracks === null)) return null;
  const { key } = markerFor(session, report.verdict);
  return recordOf(report, tracks, { gate: key, proposed: event.proposed });
}

/** What is proposed is not what a badge speaks of. */
function badgeOf(session: Session, record: HistoryRecord): Readonly<Record<string, string>> {
  if (record.proposed) return {};
  const { commentKey, matrixKey, step } = gateName(session);
  const path = badgePath(commentKey, matrixKey, laterStep(step));
  return { [path]: renderBadge(record) };
}

async function placeOf(session: Session, branch: string): Promise<HistoryBranch> {
  return { ...(await repositoryOf(session)), branch };
}
