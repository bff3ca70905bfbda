/**
 * What the gate does with each event that GitHub has.
 * - `pull request`: its head is the candidate, settings come from the default branch.
 * - `comment on a pull request`: the same; the payload names only its number, and the job holds the repository's secrets.
 * - `merge group`, `workflow run`: the commit that the event is about, and on which `check-name` publishes.
 * - `commit`: the commit that the job's own check stands on. On the default branch its checkout is to be trusted; elsewhere
 *   whoever wrote the branch wrote the workflow too, and it is read like a proposal.
 * - `default branch`: GitHub runs it on the default branch's tip only.
 * - `no subject`: a job's check would say nothing of the commit that it is about, or strangers start it at will: refused.
 */
export type EventKind =
  | 'pull request'
  | 'comment on a pull request'
  | 'merge group'
  | 'workflow run'
  | 'commit'
  | 'default branch'
  | 'no subject';

/** https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows */
export const EVENTS: Readonly<Record<string, EventKind>> = {
  pull_request: 'pull request',
  pull_request_target: 'pull request',
  pull_request_review: 'pull request',
  pull_request_review_comment: 'pull request',
  issue_comment: 'comment on a pull request',
  merge_group: 'merge group',
  workflow_run: 'workflow run',
  push: 'commit',
  workflow_dispatch: 'commit',
  create: 'commit',
  release: 'commit',
  registry_package: 'commit',
  deployment: 'commit',
  deployment_status: 'commit',
  repository_dispatch: 'default branch',
  schedule: 'default branch',
  branch_protection_rule: 'no subject',
  check_run: 'no subject',
  check_suite: 'no subject',
  delete: 'no subject',
  discussion: 'no subject',
  discussion_comment: 'no subject',
  fork: 'no subject',
  gollum: 'no subject',
  image_version: 'no subject',
  issues: 'no subject',
  label: 'no subject',
  milestone: 'no subject',
  page_build: 'no subject',
  project: 'no subject',
  project_card: 'no subject',
  project_column: 'no subject',
  public: 'no subject',
  pull_request_comment: 'no subject',
  status: 'no subject',
  watch: 'no subject',
  workflow_call: 'no subject',
};

/** Events whose jobs hold the repository's secrets though a stranger's change, or word, started them. */
export const PRIVILEGED: readonly string[] = ['pull_request_target', 'issue_comment', 'workflow_run'];

/** Those whose workflow runs are about a change that somebody proposes. */
export const PROPOSING: readonly string[] = Object.keys(EVENTS).filter((name) =>
  ['pull request', 'merge group'].includes(EVENTS[name] ?? ''),
);

/** Null for an event that GitHub doesn't have, or not yet. */
export function kindOfEvent(name: string): EventKind | null {
  return Object.hasOwn(EVENTS, name) ? (EVENTS[name] ?? null) : null;
}
