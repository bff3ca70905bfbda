import type { Override } from '../report/report.js';
import { describeFailure, remedyOf } from './api-error.js';
import type { Repository } from './conversation.js';
import { type Pushes, pushersOf, pushesOf } from './pushes.js';

/** A question about one pull request: may its fail be overridden? */
export interface OverrideRequest extends Repository {
  readonly pull: number;
  /** The commit the verdict is about; null where that is a merge group's own. */
  readonly headSha: string | null;
  readonly label: string;
  /** Whether the event that started the run already showed the label. */
  readonly seen: boolean;
}

type PullRequest = Awaited<ReturnType<Repository['client']['rest']['pulls']['get']>>['data'];

/** Who put the label on, by GitHub's own record. */
interface Labelling {
  readonly login: string;
  readonly at: string;
  readonly bot: boolean;
}

/** GitHub lists no more commits of a pull request. */
const MAX_COMMITS = 250;
/** The committer of what is written on GitHub's site: nobody's account. */
const WEB_COMMITTER = 'web-flow';
const MAY_WRITE = ['admin', 'write'];

/**
 * Whether the override label counts: put on for this very head, after its first workflow run, by somebody with write
 * permission now who has no part in the pull request. Null when the label is not on it. All times are GitHub's own:
 * those of Git commits can be forged. Never rejects: what can't be found out is a reason not to honour the label.
 */
export async function overrideOf(request: OverrideRequest): Promise<Override | null> {
  const { client, owner, repo, label } = request;
  try {
    const { data: pull } = await client.rest.pulls.get({ owner, repo, pull_number: request.pull });
    if (!pull.labels.some(({ name }) => isSame(name, label))) return null;
    return await rule(request, pull).catch((error: unknown) => refused(label, null, cantTell(error)));
  } catch (error) {
    // Teams that don't use the label need no permission for it, and no word about it.
    return request.seen ? refused(label, null, cantTell(error)) : null;
  }
}

async function rule(request: OverrideRequest, pull: PullRequest): Promise<Override> {
  const { label } = request;
  const pushes = await pushesOf(request, pull);
  const labelling = await lastLabelling(request);
  if (labelling === null)
    return refused(label, null, 'GitHub keeps no record of who put it on; take it off and put it on again');
  const why =
    headObjection(request, pull) ??
    (labelling.bot ? 'a bot put it on' : null) ??
    timeObjection(labelling, pushes) ??
    (await partObjection(labelling, request, pull, pushes)) ??
    (await rightObjection(labelling, request));
  return why === null
    ? { label, by: labelling.login, at: labelling.at, honoured: true, why }
    : refused(label, labelling, why);
}

function refused(label: string, labelling: Labelling | null, why: string): Override {
  return { label, by: labelling?.login ?? null, at: labelling?.at ?? null, honoured: false, why };
}

/** The event that put the label on for the last time. */
async function lastLabelling({ client, owner, repo, pull, label }: OverrideRequest): Promise<Labelling | null> {
  const place = { owner, repo, issue_number: pull, per_page: 100 };
  const events = await client.paginate(client.rest.issues.listEvents, place);
  const last = events
    .filter((event) => event.event === 'labeled' && 'label' in event && isSame(event.label.name ?? '', label))
    .at(-1);
  // A deleted account leaves no actor, whatever the description says.
  if (!last?.actor) return null;
  const bot = last.actor.type === 'Bot' || last.actor.login.endsWith('[bot]') || last.performed_via_github_app !== null;
  return { login: last.actor.login, at: last.created_at, bot };
}

function headObjection({ headSha }: OverrideRequest, pull: PullRequest): string | null {
  if (headSha === null || pull.head.sha === headSha) return null;
  return `the pull request's head is ${pull.head.sha.slice(0, 7)} by now, and this verdict is about ${headSha.slice(0, 7)}`;
}

function timeObjection({ at }: Labelling, { firstRunAt, lastMoveAt }: Pushes): string | null {
  const again = 'take it off and put it on again to override the verdict on this commit';
  if (firstRunAt === null)
    return `GitHub lists no workflow run of the head commit, after which it would have to be put on; ${again}`;
  if (Date.parse(at) <= Date.parse(firstRunAt)) {
    return `it was put on at ${at}, not after the head commit's first workflow run (${firstRunAt}); ${again}`;
  }
  if (lastMoveAt !== null && Date.parse(at) <= Date.parse(lastMoveAt)) {
    return `it was put on at ${at}, not after the branch was last pushed to (${lastMoveAt}); ${again}`;
  }
  return null;
}

async function partObjection(
  { login }: Labelling,
  { client, owner, repo, pull: number }: OverrideRequest,
  pull: PullRequest,
  pushes: Pushes,
): Promise<string | null> {
  if (isSame(login, pull.user.login)) return `${login} is the pull request's author`;
  if (pull.commits > MAX_COMMITS)
    return `the pull request has more than ${MAX_COMMITS} commits, which can't all be looked at`;
  const place = { owner, repo, pull_number: number, per_page: 100 };
  const commits = await client.paginate(client.rest.pulls.listCommits, place);
  for (const { sha, author, committer } of commits) {
    const people = { author: loginOf(author), committer: loginOf(committer) };
    for (const [part, who] of Object.entries(people)) {
      if (isSame(login, who) && who !== WEB_COMMITTER) return `${login} is ${part} of the commit ${sha.slice(0, 7)}`;
    }
  }
  const pushers = pushersOf(pushes, new Set(commits.map(({ sha }) => sha)));
  if (pushers.length === 0) return 'GitHub does not say who pushed the head commit';
  return pushers.some((pusher) => isSame(login, pusher)) ? `${login} pushed to the pull request's branch` : null;
}

function loginOf(person: unknown): string {
  const { login } = (person ?? {}) as { login?: unknown };
  return typeof login === 'string' ? login : '';
}

async function rightObjection({ login }: Labelling, { client, owner, repo }: OverrideRequest): Promise<string | null> {
  const { data } = await client.rest.repos.getCollaboratorPermissionLevel({ owner, repo, username: login });
  return MAY_WRITE.includes(data.permission) ? null : `${login} has no write permission (but ${data.permission})`;
}

function cantTell(error: unknown): string {
  const problem = `it can't be checked (${describeFailure(error)})`;
  const mend = remedyOf(error, "give the job's token `pull-requests: write` and `actions: read`");
  return mend === '' ? problem : `${problem};${mend.replace(/\.$/, '')}`;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
