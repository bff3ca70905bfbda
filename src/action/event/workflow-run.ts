import { describeFailure, remedyOf } from '../../github/api-error.js';
import { openPullRequestsAt } from '../../github/pull-request.js';
import { repositoryOf, type Session } from '../session.js';
import { type GateEvent, isSame } from './event.js';

/** What is known of a workflow run's pull request once GitHub was asked. */
export interface Found {
  readonly event: GateEvent;
  readonly notes: readonly string[];
}

/** The event with the pull request that the triggering workflow ran for. Best effort: without one there is no comment. */
export async function withPullRequest(session: Session, event: GateEvent): Promise<Found> {
  const { branch, head } = event;
  if (branch === null || !event.proposed) return { event, notes: [] };
  const commit = head.sha.slice(0, 7);
  try {
    const repository = await repositoryOf(session);
    const found = await openPullRequestsAt(repository, branch, head.sha);
    const [only, ...others] = found;
    if (only && others.length === 0) {
      const fork = !isSame(branch.repository, `${repository.owner}/${repository.repo}`);
      const base = { sha: only.baseSha, repository: `${repository.owner}/${repository.repo}` };
      return { event: { ...event, pullRequest: { number: only.number, fork }, base }, notes: [] };
    }
    const what = only ? `${found.length} open pull requests have` : 'No open pull request has';
    return { event, notes: [`${what} the head ${commit} now: there is no comment on one.`] };
  } catch (error) {
    const problem = `The pull request of ${commit} could not be looked up (${describeFailure(error)})`;
    const mend = remedyOf(error, "The job's token needs `pull-requests: read`.");
    return { event, notes: [`${problem}: there is no comment on it.${mend}`] };
  }
}
