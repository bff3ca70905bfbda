import { PermissionError, ProviderError } from '../../core/errors.js';
import { apiFailure, describeFailure, isDenied, remedyOf } from '../../github/api-error.js';
import { repositoryOf, type Session } from '../session.js';
import { type GateEvent, isSame } from './event.js';

/**
 * The event with the pull request that somebody commented on: the payload names its number alone.
 * @throws PermissionError, ProviderError when GitHub doesn't say which commit it proposes
 */
export async function withCommentedPull(session: Session, event: GateEvent): Promise<GateEvent> {
  if (event.commented === null) return event;
  const { client, owner, repo } = await repositoryOf(session);
  const { data } = await client.rest.pulls
    .get({ owner, repo, pull_number: event.commented })
    .catch((error: unknown) => refuse(event, error));
  const here = `${owner}/${repo}`;
  const repository = data.head.repo?.full_name ?? here;
  return {
    ...event,
    pullRequest: {
      ...{ number: data.number, fork: !data.head.repo || !isSame(repository, here) },
      ...(data.locked ? { locked: true } : {}),
    },
    head: { sha: data.head.sha, repository },
    base: { sha: data.base.sha, repository: here },
    baseBranch: data.base.ref,
    labels: data.labels.map(({ name }) => name),
    proposedCommits: [data.head.sha, ...(data.merge_commit_sha ? [data.merge_commit_sha] : [])],
  };
}

function refuse({ name, commented }: GateEvent, error: unknown): never {
  const problem = `event ${name}: pull request ${commented} could not be looked up (${describeFailure(error)})`;
  if (!isDenied(apiFailure(error))) throw new ProviderError('github.unreachable', problem);
  const mend = remedyOf(error, "Give the job's token `pull-requests: read`");
  throw new PermissionError('github.permission', `${problem}.${mend}`);
}
