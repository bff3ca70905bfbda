import { ConfigError } from '../errors.js';
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
  /** GITHUB_RUN_ID and GITHUB_RUN_ATTEMPT: a later run has a larger id, a re-run a larger attempt. */
  readonly runId: number;
  readonly runAttempt: number;
  /** GITHUB_WORKFLOW, the path in GITHUB_WORKFLOW_REF, GITHUB_JOB, and GITHUB_ACTION, the step: with the matrix they tell the gates of a pull request apart. */
  readonly workflow: string;
  readonly workflowPath: string;
  readonly job: string;
  readonly step: string;
}

/**
 * @throws ConfigError when a variable that every runner sets is missing or malformed.
 */
export function readEnvironment(variables: Variables): RunnerEnvironment {
  return {
    repository: wellFormed(variables, 'GITHUB_REPOSITORY', /^[\w.-]+\/[\w.-]+$/, 'owner/name'),
    eventName: wellFormed(variables, 'GITHUB_EVENT_NAME', /^\w+$/, 'an event such as pull_request'),
    eventPath: variables.GITHUB_EVENT_PATH || null,
    sha: wellFormed(variables, 'GITHUB_SHA', /^([0-9a-f]{40,64})?$/, 'a commit'),
    ref: variables.GITHUB_REF || '',
    workspace: variables.GITHUB_WORKSPACE || process.cwd(),
    apiUrl: variables.GITHUB_API_URL || 'https://api.github.com',
    serverUrl: variables.GITHUB_SERVER_URL || 'https://github.com',
    runId: Number(wellFormed(variables, 'GITHUB_RUN_ID', /^\d{0,15}$/, 'a number')),
    runAttempt: Number(wellFormed(variables, 'GITHUB_RUN_ATTEMPT', /^\d{0,6}$/, 'a number') || 1),
    workflow: variables.GITHUB_WORKFLOW || '',
    workflowPath: workflowPathOf(variables.GITHUB_WORKFLOW_REF ?? ''),
    job: variables.GITHUB_JOB || '',
    step: variables.GITHUB_ACTION || '',
  };
}

/** `owner/name/.github/workflows/gate.yml@refs/heads/main`: the branch differs from run to run. */
function workflowPathOf(ref: string): string {
  const [path = ''] = ref.split('@');
  return path.split('/').slice(2).join('/');
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

export function runUrl(environment: RunnerEnvironment): string {
  const { serverUrl, repository, runId, runAttempt } = environment;
  return `${serverUrl}/${repository}/actions/runs/${runId}/attempts/${runAttempt}`;
}

/** Where this verdict was reached, for the report. */
export function runOf(environment: RunnerEnvironment, headSha: string): NonNullable<Report['run']> {
  const { repository, eventName, runId, runAttempt } = environment;
  return { repository, event: eventName, headSha, runId, runAttempt, url: runUrl(environment) };
}
