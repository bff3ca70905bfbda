import { ConfigError } from '../core/errors.js';
import type { CommentLinks } from '../report/markdown/comment-body.js';
import type { Report } from '../report/report.js';

type Variables = Readonly<Record<string, string | undefined>>;

/** Every variable of the runner that the Action reads, in one place. */
export interface RunnerEnvironment {
  /** GITHUB_REPOSITORY: `owner/name`. */
  readonly repository: string;
  /** GITHUB_EVENT_NAME */
  readonly eventName: string;
  /** GITHUB_EVENT_PATH: the event's payload, a JSON file; null outside a runner. */
  readonly eventPath: string | null;
  /** GITHUB_SHA: the commit checked out; on pull requests a merge commit that nobody else knows of. */
  readonly sha: string;
  /** GITHUB_REF: `refs/heads/main`, `refs/tags/v1`; empty where the event has none. */
  readonly ref: string;
  /** GITHUB_WORKSPACE: where the repository is checked out, if it is. */
  readonly workspace: string;
  /** GITHUB_API_URL */
  readonly apiUrl: string;
  /** GITHUB_SERVER_URL */
  readonly serverUrl: string;
  /** GITHUB_ACTION_REPOSITORY and GITHUB_ACTION_REF: where this Action comes from; empty for one in the workspace. */
  readonly actionRepository: string;
  readonly actionRef: string;
  /** GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT: a later run has a larger id, a re-run a larger attempt. */
  readonly runId: number;
  readonly runAttempt: number;
  /** GITHUB_WORKFLOW: the name. */
  readonly workflow: string;
  /** The file in GITHUB_WORKFLOW_REF, with its repository before it where that is another one; empty where the runner doesn't say. */
  readonly workflowPath: string;
  /** The jobs of other workflows that called this one, from ACTIONS_ORCHESTRATION_ID; empty in a workflow that nobody calls. */
  readonly callers: string;
  /** GITHUB_JOB */
  readonly job: string;
  /** GITHUB_ACTION: the step's id, or a name made of the action's with a number from the second step on: `__owner_gate_2`. */
  readonly step: string;
}

/**
 * @throws ConfigError when a variable that every runner sets is missing or malformed.
 */
export function readEnvironment(variables: Variables): RunnerEnvironment {
  const repository = wellFormed(variables, 'GITHUB_REPOSITORY', /^[\w.-]+\/[\w.-]+$/, 'owner/name');
  const job = variables.GITHUB_JOB || '';
  return {
    repository,
    eventName: wellFormed(variables, 'GITHUB_EVENT_NAME', /^\w+$/, 'an event such as pull_request'),
    eventPath: variables.GITHUB_EVENT_PATH || null,
    sha: wellFormed(variables, 'GITHUB_SHA', /^([0-9a-f]{40,64})?$/, 'a commit'),
    ref: variables.GITHUB_REF || '',
    workspace: variables.GITHUB_WORKSPACE || process.cwd(),
    apiUrl: variables.GITHUB_API_URL || 'https://api.github.com',
    serverUrl: variables.GITHUB_SERVER_URL || 'https://github.com',
    actionRepository: variables.GITHUB_ACTION_REPOSITORY || '',
    actionRef: variables.GITHUB_ACTION_REF || '',
    runId: Number(wellFormed(variables, 'GITHUB_RUN_ID', /^\d{0,15}$/, 'a number')),
    runAttempt: Number(wellFormed(variables, 'GITHUB_RUN_ATTEMPT', /^\d{0,6}$/, 'a number') || 1),
    workflow: variables.GITHUB_WORKFLOW || '',
    workflowPath: workflowPathOf(variables.GITHUB_WORKFLOW_REF ?? '', repository),
    callers: callersOf(variables.ACTIONS_ORCHESTRATION_ID ?? '', job),
    job,
    step: variables.GITHUB_ACTION || '',
  };
}

/**
 * `owner/name/.github/workflows/gate.yml@refs/heads/main`: the branch differs from run to run, and a repository may be renamed.
 * A workflow that an organisation requires lies in another repository, perhaps under a path that this one has too.
 */
function workflowPathOf(ref: string, repository: string): string {
  const path = ref.replace(/@(refs\/.*|[^@]*)$/, '');
  const own = `${repository}/`;
  return path.toLowerCase().startsWith(own.toLowerCase()) ? path.slice(own.length) : path;
}

/** `PLAN.caller.gate.__default`: what the plan is differs from run to run, and the last part is the leg of the matrix. */
function callersOf(orchestration: string, job: string): string {
  const parts = orchestration.split('.').slice(1, -1);
  return parts.at(-1) === job ? parts.slice(0, -1).join('.') : '';
}

function wellFormed(variables: Variables, name: string, form: RegExp, accepted: string): string {
  const value = variables[name] ?? '';
  if (form.test(value)) return value;
  const found = value === '' ? 'not set' : JSON.stringify(value);
  throw new ConfigError(
    'action.environment',
    `${name}: ${found}; a GitHub runner sets it to ${accepted}. Outside a runner use the command line: misalignment-gate run`,
  );
}

/** The job with those that called it. */
export function jobOf({ callers, job }: RunnerEnvironment): string {
  return callers === '' ? job : `${callers}.${job}`;
}

export function runUrl(environment: RunnerEnvironment): string {
  const { serverUrl, repository, runId, runAttempt } = environment;
  return `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`;
}

/** The page that explains reasons, of the very version that runs: an Action in the workspace is of the repository's own commit. */
function reasonsUrl(environment: RunnerEnvironment): string {
  const { serverUrl, repository, sha, actionRepository, actionRef } = environment;
  const [from, ref] = actionRepository && actionRef ? [actionRepository, actionRef] : [repository, sha];
  return `${serverUrl}/${from}/blob/${ref.split('/').map(encodeURIComponent).join('/')}/docs/reasons.md`;
}

/** What a comment or an issue links to. */
export function linksOf(environment: RunnerEnvironment): CommentLinks {
  const { serverUrl, repository } = environment;
  const commits = `${serverUrl}/${repository}/commit/`;
  return { runUrl: runUrl(environment), commits, reasons: reasonsUrl(environment) };
}

/** Where this verdict was reached, for the report. */
export function runOf(environment: RunnerEnvironment, headSha: string): NonNullable<Report['run']> {
  const { repository, eventName, runId, runAttempt, step } = environment;
  return {
    repository,
    event: eventName,
    headSha,
    runId,
    runAttempt,
    job: jobOf(environment),
    step,
    url: runUrl(environment),
  };
}
