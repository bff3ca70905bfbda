import { apiFailure, isDenied } from './api-error.js';
import type { Repository } from './conversation.js';

/** When a pull request's branch was moved, and by whom, by GitHub's own clock and accounts. */
export interface Pushes {
  /** When the head commit's first workflow run was created. */
  readonly firstRunAt: string | null;
  /** When the branch was last moved; null where GitHub doesn't say. */
  readonly lastMoveAt: string | null;
  /** Who started the first workflow run of each commit that had one: whoever pushed it. */
  readonly firstActors: ReadonlyMap<string, string>;
  /** Who else is known to have pushed to the branch. */
  readonly others: readonly string[];
}

export interface Head {
  readonly head: { readonly sha: string; readonly ref: string; readonly repo: { readonly full_name: string } | null };
  readonly number: number;
}

/** Events that change a pull request's head otherwise than by a plain push. */
const MOVES = ['head_ref_force_pushed', 'head_ref_restored', 'reopened'];
const PUSHES = ['push', 'force_push', 'branch_creation'];

/** @throws Octokit's errors, but for a fork that can't be read. */
export async function pushesOf(repository: Repository, pull: Head): Promise<Pushes> {
  const runs = await runsOf(repository, pull);
  const moves = await movesOf(repository, pull);
  const pushes = await activitiesOf(repository, pull);
  const first = runs.find(({ sha }) => sha === pull.head.sha);
  const times = [...moves, ...pushes].map(({ at }) => at).sort((one, other) => Date.parse(one) - Date.parse(other));
  return {
    firstRunAt: first?.at ?? null,
    lastMoveAt: times.at(-1) ?? null,
    // The earliest run of a commit comes first, so it must be set last.
    firstActors: new Map(runs.toReversed().flatMap(({ sha, actor }) => (actor === null ? [] : [[sha, actor]]))),
    others: [...moves, ...pushes].flatMap(({ actor }) => actor ?? []),
  };
}

/** Everybody who is known to have pushed one of these commits, or to the branch. */
export function pushersOf({ firstActors, others }: Pushes, commits: ReadonlySet<string>): readonly string[] {
  return [...others, ...[...firstActors].filter(([sha]) => commits.has(sha)).map(([, actor]) => actor)];
}

interface Move {
  readonly at: string;
  readonly actor: string | null;
}

/** Workflow runs of the pull request's own branch, the earliest first: the same commit on another branch proves nothing. */
async function runsOf(
  { client, owner, repo }: Repository,
  { head }: Head,
): Promise<(Move & { readonly sha: string })[]> {
  const place = { owner, repo, branch: head.ref, per_page: 100 };
  const runs = await client.paginate(client.rest.actions.listWorkflowRunsForRepo, place);
  return runs
    .filter(({ head_repository }) => head.repo !== null && head_repository?.full_name === head.repo.full_name)
    .map(({ head_sha, created_at, actor }) => ({ sha: head_sha, at: created_at, actor: actor?.login ?? null }))
    .sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
}

async function movesOf({ client, owner, repo }: Repository, { number }: Head): Promise<Move[]> {
  const place = { owner, repo, issue_number: number, per_page: 100 };
  const events = await client.paginate(client.rest.issues.listEvents, place);
  return events
    .filter(({ event }) => MOVES.includes(event))
    .map((event) => ({
      at: event.created_at,
      actor: event.event === 'reopened' ? null : (event.actor?.login ?? null),
    }));
}

/** The pushes that the repository's activity lists. A private fork's can't be read; its first runs then have to do. */
async function activitiesOf({ client, owner, repo }: Repository, { head }: Head): Promise<Move[]> {
  if (head.repo === null) return [];
  const [headOwner = '', headRepo = ''] = head.repo.full_name.split('/');
  const fork = head.repo.full_name.toLowerCase() !== `${owner}/${repo}`.toLowerCase();
  const place = { owner: headOwner, repo: headRepo, ref: `refs/heads/${head.ref}`, per_page: 100 };
  try {
    const { data } = await client.rest.repos.listActivities(place);
    return data
      .filter(({ activity_type }) => PUSHES.includes(activity_type))
      .map(({ timestamp, actor }) => ({ at: timestamp, actor: actor?.login ?? null }));
  } catch (error) {
    if (fork && isDenied(apiFailure(error))) return [];
    throw error;
  }
}
