import { readFile } from 'node:fs/promises';
import { ConfigError } from '../../core/errors.js';
import type { RunnerEnvironment } from '../environment.js';
import { EVENTS, type EventKind, kindOfEvent, PROPOSING } from './event-table.js';
import {
  isPayload,
  type MergeGroupPayload,
  type Payload,
  type PullRequestPayload,
  type WorkflowRunPayload,
} from './payload.js';

/** The pull request that an event is about. */
export interface PullRequest {
  readonly number: number;
  /** Whether its commits come from another repository. */
  readonly fork: boolean;
  /** Whether its conversation was when the event happened; absent where it was not, or nobody says. */
  readonly locked?: boolean;
}

/** A branch and the repository (`owner/name`) that holds it. */
export interface Branch {
  readonly name: string;
  readonly repository: string;
}

/** A commit and the repository (`owner/name`) to read it from. */
export interface Revision {
  readonly sha: string;
  readonly repository: string;
}

/** What the gate needs to know of the event that started it. */
export interface GateEvent {
  readonly name: string;
  /** What happened: `synchronize`, `labeled`; null where the event has no such word. */
  readonly action: string | null;
  /** Null where there is none to comment on: pushes, schedules, merge groups. A workflow run's or comment's is asked for afterwards. */
  readonly pullRequest: PullRequest | null;
  /** The pull request that a comment is on, of which the payload says no more. */
  readonly commented: number | null;
  /** The last pull request of a merge group. */
  readonly queued: number | null;
  /** The branch that a pull request's workflow run was about. */
  readonly branch: Branch | null;
  /** The pull request's labels when the event happened. */
  readonly labels: readonly string[];
  /** The commits that a checkout of what is proposed would be at. */
  readonly proposedCommits: readonly string[];
  /** What is tested: the commit that the check stands on. */
  readonly head: Revision;
  /** What it is to be merged into; null where the event does not say. */
  readonly base: Revision | null;
  /** The branch it is to be merged into; null where the event does not say. */
  readonly baseBranch: string | null;
  /**
   * Whether inputs and checkout may be somebody's who only proposes: then the settings file wins over inputs. False on the
   * default branch alone.
   */
  readonly proposed: boolean;
  /** Whether what is tested lies in the checkout, which is then to be trusted; else all is read through the API. */
  readonly inCheckout: boolean;
  /** Whether all runs on this commit are attempts at one verdict; else each run is a verdict of its own. */
  readonly oneVerdictPerCommit: boolean;
  /** Null where the event does not say. */
  readonly defaultBranch: string | null;
}

/** Events that can't be what they are without this part of their payload. */
const REQUIRED_PART: Partial<Record<EventKind, keyof Payload>> = {
  'pull request': 'pull_request',
  'comment on a pull request': 'issue',
  'merge group': 'merge_group',
  'workflow run': 'workflow_run',
};

/**
 * Reads the event that started the workflow.
 * @throws ConfigError when the payload can't be read, lacks what an event of its name holds, or tells of nothing to test.
 */
export async function readEvent(environment: RunnerEnvironment): Promise<GateEvent> {
  const kind = acceptedKind(environment.eventName);
  const payload = await readPayload(environment);
  const part = REQUIRED_PART[kind];
  if (part && !payload[part]) throw eventError(environment, `holds no ${part}, as every ${environment.eventName} does`);
  return eventOf(kind, payload, environment);
}

function acceptedKind(name: string): Exclude<EventKind, 'no subject'> {
  const kind = kindOfEvent(name);
  if (kind !== null && kind !== 'no subject') return kind;
  const accepted = Object.keys(EVENTS).filter((event) => EVENTS[event] !== 'no subject');
  const why =
    kind === null ? 'is no event that this version knows' : 'is about no commit that a check of it would show on';
  throw new ConfigError('action.event', `event ${name}: ${why}. Run the gate on one of ${accepted.join(', ')}`);
}

async function readPayload(environment: RunnerEnvironment): Promise<Payload> {
  if (environment.eventPath === null) throw eventError(environment, 'is not set');
  const text = await readFile(environment.eventPath, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw eventError(environment, `can't be read (${error.code})`);
  });
  const payload = parseJson(text);
  if (isPayload(payload)) return payload;
  const [problem] = isPayload.errors ?? [];
  throw eventError(environment, `is not an event: ${problem?.instancePath || 'the file'} ${problem?.message ?? ''}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function eventError({ eventName, eventPath }: RunnerEnvironment, problem: string): ConfigError {
  return new ConfigError(
    'action.event',
    `GITHUB_EVENT_PATH (${eventPath ?? 'none'}, event ${eventName}) ${problem}. The runner writes this file; ` +
      'a test of the workflow has to bring one',
  );
}

function eventOf(kind: EventKind, payload: Payload, environment: RunnerEnvironment): GateEvent {
  const here = (sha: string): Revision => ({ sha, repository: environment.repository });
  const defaultBranch = payload.repository?.default_branch ?? null;
  const known = {
    ...{ name: environment.eventName, action: payload.action ?? null, defaultBranch },
    ...{ pullRequest: null, commented: null, queued: null, branch: null, base: null, baseBranch: null },
    ...{
      labels: [],
      proposedCommits: [],
      head: here(environment.sha),
      proposed: true,
      inCheckout: false,
      oneVerdictPerCommit: true,
    },
  };
  if (kind === 'pull request' && payload.pull_request)
    return { ...known, ...ofPullRequest(payload.pull_request, here) };
  if (kind === 'merge group' && payload.merge_group) return { ...known, ...ofMergeGroup(payload.merge_group, here) };
  if (kind === 'workflow run' && payload.workflow_run) {
    return { ...known, ...ofWorkflowRun(payload.workflow_run, here, defaultBranch) };
  }
  if (kind === 'comment on a pull request' && payload.issue) {
    if (payload.issue.pull_request) return { ...known, commented: payload.issue.number };
    const why = 'is about an issue that is no pull request: there is nothing to test';
    throw new ConfigError('action.event', `event ${known.name}: issue ${payload.issue.number} ${why}`);
  }
  return { ...known, ...ofCommit(kind, payload, environment, here), oneVerdictPerCommit: false };
}

type Here = (sha: string) => Revision;

function ofPullRequest(pull: PullRequestPayload, here: Here) {
  const { number, head, base, labels = [], merge_commit_sha, locked = false } = pull;
  // A deleted fork leaves no repository; its commits can still be read through this one.
  const own = here(head.sha);
  const source = { ...own, repository: head.repo?.full_name ?? own.repository };
  const fork = head.repo === null || !isSame(source.repository, own.repository);
  return {
    ...{
      pullRequest: { number, fork, ...(locked ? { locked } : {}) },
      head: source,
      base: here(base.sha),
      baseBranch: base.ref ?? null,
    },
    labels: labels.map(({ name }) => name),
    proposedCommits: [head.sha, ...(merge_commit_sha ? [merge_commit_sha] : [])],
  };
}

function ofMergeGroup({ head_sha, base_sha, head_ref = '', base_ref = '' }: MergeGroupPayload, here: Here) {
  const [, number] = /\/pr-(\d{1,9})-[0-9a-f]+$/.exec(head_ref) ?? [];
  const queued = number === undefined ? null : Number(number);
  return {
    head: here(head_sha),
    base: here(base_sha),
    baseBranch: base_ref.replace(/^refs\/heads\//, '') || null,
    queued,
  };
}

/** Its check is published on the commit that the other workflow ran on, so that commit is what is tested. */
function ofWorkflowRun(run: WorkflowRunPayload, here: Here, defaultBranch: string | null) {
  const own = here(run.head_sha);
  const repository = run.head_repository?.full_name ?? own.repository;
  const proposing = PROPOSING.includes(run.event);
  const trusted = !proposing && isSame(repository, own.repository) && isBranch(run.head_branch, defaultBranch);
  const isPull = proposing && run.event !== 'merge_group';
  return {
    head: { sha: run.head_sha, repository },
    // GitHub lists no pull requests of forks here; whoever needs it asks for the branch's (`workflow-run.ts`).
    branch: isPull && run.head_branch ? { name: run.head_branch, repository } : null,
    ...{ proposed: !trusted, proposedCommits: trusted ? [] : [run.head_sha] },
    oneVerdictPerCommit: proposing,
  };
}

function ofCommit(kind: EventKind, payload: Payload, environment: RunnerEnvironment, here: Here) {
  const { ref } = environment;
  const sha = payload.deployment?.sha ?? environment.sha;
  // Without a ref nothing but the default branch can be meant; a deployment may be of any commit.
  const branch = ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null;
  const onDefault = kind === 'default branch' || ref === '' || isBranch(branch, payload.repository?.default_branch);
  const proposed = payload.deployment !== undefined || !onDefault;
  return { head: here(sha), proposed, inCheckout: !proposed, proposedCommits: proposed ? [sha] : [] };
}

function isBranch(name: string | null | undefined, other: string | null | undefined): boolean {
  return Boolean(name) && name === other;
}

/** GitHub's names of repositories don't differ by case alone. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
