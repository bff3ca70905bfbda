import { formerKey, renderMarker } from '../../github/comment-marker.js';
import { trackIssue } from '../../github/issue.js';
import { issueTitle, renderIssue, renderIssueRemark } from '../../report/markdown/issue-body.js';
import type { Report } from '../../report/report.js';
import { linksOf } from '../environment.js';
import { gateName, markerFor, repositoryOf, type Session } from '../session.js';

/** Runs that nobody waits for: elsewhere a pull request or a red push says it. */
const UNATTENDED = ['schedule', 'workflow_dispatch'];

/** Opens, updates or closes the tracking issue, where the settings ask for one. */
export async function trackVerdict(session: Session, report: Report): Promise<void> {
  const { environment, event, settings, log } = session;
  if (!settings?.issueOnFailure || environment === null || !UNATTENDED.includes(event?.name ?? '')) return;
  const marker = markerFor(session, report.verdict);
  const links = linksOf(environment);
  const verdict = {
    marker,
    formerKey: formerKey(gateName(session)),
    title: issueTitle(report),
    render: (maxBytes: number) => renderIssue(report, { maxBytes, marker: renderMarker(marker), links }),
    remark: renderIssueRemark(report, links),
  };
  await trackIssue(() => repositoryOf(session), verdict, log);
}
