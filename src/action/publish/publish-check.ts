import { saveState } from '@actions/core';
import {
  CHECK_SUMMARY_MAX_BYTES,
  type CheckRun,
  type Conclusion,
  concludeCheckRun,
  openCheckRun,
} from '../../github/check-run.js';
import { renderMarkdown } from '../../report/markdown/report-markdown.js';
import { VERDICT_WORDS } from '../../report/wording.js';
import { ownCheckName } from '../earlier-step.js';
import { runUrl } from '../environment.js';
import { type Outcome, stepResult } from '../outcome.js';
import { repositoryOf, type Session } from '../session.js';

/** Under this name the post step finds the check run to settle. */
export const CHECK_STATE = 'check';

/** Says on the commit under test that a run is under way, where the workflow's own check would not show there. */
export async function announceCheck(session: Session): Promise<void> {
  const run = checkRunOf(session);
  if (run === null) return;
  session.checkRun = await openCheckRun(() => repositoryOf(session), run, session.log);
  if (session.checkRun === null) return;
  saveState(CHECK_STATE, JSON.stringify({ repository: session.environment?.repository, id: session.checkRun }));
}

export async function concludeCheck(session: Session, outcome: Outcome): Promise<void> {
  const run = checkRunOf(session);
  if (run === null) return;
  const { report } = outcome;
  const result = {
    conclusion: conclusionOf(session, outcome),
    title: VERDICT_WORDS[report.verdict],
    summary: renderMarkdown(report, { excerpts: 0, maxBytes: CHECK_SUMMARY_MAX_BYTES }),
  };
  await concludeCheckRun(() => repositoryOf(session), run, session.checkRun, result, session.log);
}

/** Also when an error came before the settings were known: the input alone then says whether there is to be one. */
function checkRunOf(session: Session): CheckRun | null {
  const { settings, inputs, environment, event } = session;
  const name = settings ? settings.checkName : inputs.values['check-name'] || null;
  if (!name || !environment || !event) return null;
  return { name: ownCheckName(session, name), headSha: event.head.sha, detailsUrl: runUrl(environment) };
}

/** Green only for a pass; what the step lets through for another reason is grey. */
function conclusionOf({ settings }: Session, outcome: Outcome): Conclusion {
  if (stepResult(outcome, settings?.failOn ?? 'inconclusive').failed) return 'failure';
  switch (outcome.report.verdict) {
    case 'pass':
      return 'success';
    case 'skipped':
      return 'skipped';
    case 'bypassed':
    case 'fail':
    case 'inconclusive':
      return 'neutral';
  }
}
