import { apiFailure, describeFailure, remedyOf } from '../github/api-error.js';
import { overrideOf } from '../github/override-label.js';
import { withOverride } from '../report/override-wording.js';
import type { GateEvent } from './event/event.js';
import type { Outcome } from './outcome.js';
import { repositoryOf, type Session } from './session.js';

/** A failed candidate whose pull request carries the override label: bypassed, or told why not. */
export async function overruled(session: Session, outcome: Outcome): Promise<Outcome> {
  const { event, settings } = session;
  const pull = event?.pullRequest?.number ?? event?.queued ?? null;
  if (outcome.report.verdict !== 'fail' || !event || !settings || pull === null) return outcome;
  const label = settings.overrideLabel;
  const request = {
    pull,
    headSha: event.pullRequest ? event.head.sha : null,
    label,
    seen: carries(event, label) !== null,
  };
  try {
    const override = await overrideOf({ ...(await repositoryOf(session)), ...request });
    return override === null ? outcome : { ...outcome, report: withOverride(outcome.report, override) };
  } catch (error) {
    session.log.warning(`Whether the verdict is overridden can't be told: ${describeFailure(error)}`);
    return outcome;
  }
}

/** A new push takes the label off: it was for the commit before. Should that fail, its time still tells. */
export async function takeLabelOff(session: Session): Promise<void> {
  const { event, settings, log } = session;
  if (event?.action !== 'synchronize' || !event.pullRequest || !settings) return;
  const name = carries(event, settings.overrideLabel);
  if (name === null) return;
  try {
    const { client, owner, repo } = await repositoryOf(session);
    await client.rest.issues.removeLabel({ owner, repo, issue_number: event.pullRequest.number, name });
    log.notice(`The label ${name} was taken off: it was put on for an earlier commit.`);
  } catch (error) {
    const failure = apiFailure(error);
    if (failure?.status === 404 && /label does not exist/i.test(failure.message)) return;
    const mend = remedyOf(error, 'The job’s token needs `pull-requests: write`.');
    log.warning(
      `The label ${name} could not be taken off after a new push (${describeFailure(error)}). It does not count for this commit.${mend}`,
    );
  }
}

/** The label as the pull request had it when the event happened. */
function carries({ labels }: GateEvent, label: string): string | null {
  return labels.find((name) => name.toLowerCase() === label.toLowerCase()) ?? null;
}
