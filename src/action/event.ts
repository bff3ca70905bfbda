import { readFile } from 'node:fs/promises';
import { ConfigError } from '../errors.js';
import type { RunnerEnvironment } from './environment.js';
import {
  isPayload,
  type MergeGroupPayload,
  type Payload,
  type PullRequestPayload,
  type WorkflowRunPayload,
} from './event-payload.js';

/** The pull request that an event is about. */
export interface PullRequest {
  readonly number: number;
  /** Whether its commits come from another repository. */
  readonly fork: boolean;
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
  /** Null where there is none to comment on: pushes, schedules, merge groups. A workflow run's is asked for afterwards. */
  readonly pullRequest: PullRequest | null;
  /** The last pull request of a merge group. */
  readonly queued: number | null;
  /** The branch that a workflow run was about. */
  readonly branch: Branch | null;
  /** The pull request's labels when the event happened. */
  readonly labels: readonly string[];
  /** The commits that a checkout of what is proposed would be at. */
  readonly proposedCommits: readonly string[];
  /** What is to be merged; elsewhere the commit checked out. */
  readonly head: Revision;
  /** What it is to be merged into; null where the event does not say. */
  readonly base: Revision | null;
  /**
   * Whether someone proposes a change here, so that inputs and checkout are theirs: settings then come from the default
   * branch. True for pull requests, merge groups, and workflow runs that either of them started.
   */
  readonly proposed: boolean;
  /** Null where the event does not say. */
  readonly defaultBranch: string | null;
}

/** Events that can't be what they are without this part of their payload. */
const REQUIRED_PART: Readonly<Record<string, keyof Payload>> = {
  pull_request: 'pull_request',
  pull_request_target: 'pull_request',
  merge_group: 'merge_group',
  workflow_run: 'workflow_run',
};
const PROPOSING = ['pull_request', 'pull_request_target', 'merge_group'];

/**
 * Reads the event that started the workflow.
 * @throws ConfigError when the payload can't be read, or lacks what an event of its name holds.
 */
export async function readEvent(environment: RunnerEnvironment): Promise<GateEvent> {
  const payload = await readPayload(environment);
  const part = REQUIRED_PART[environment.eventName];
  if (part && !payload[part]) throw eventError(environment, `holds no ${part}, as every ${environment.eventName} does`);
  return eventOf(payload, environment);
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

function eventOf(payload: Payload, environment: RunnerEnvironment): GateEvent {
  const here = (sha: string): Revision => ({ sha, repository: environment.repository });
  const known = {
    ...{ name: environment.eventName, action: payload.action ?? null },
    ...{ pullRequest: null, queued: null, branch: null, base: null, labels: [], proposedCommits: [] },
    defaultBranch: payload.repository?.default_branch ?? null,
  };
  // Reviews and other events carry a pull request too, and run what it proposes.
  if (payload.pull_request) return { ...known, ...ofPullRequest(payload.pull_request, here), proposed: true };
  if (payload.merge_group) return { ...known, ...ofMergeGroup(payload.merge_group, here), proposed: true };
  if (payload.workflow_run) return { ...known, ...ofWorkflowRun(payload.workflow_run, here) };
  return { ...known, head: here(environment.sha), proposed: false };
}

type Here = (sha: string) => Revision;

function ofPullRequest({ number, head, base, labels = [], merge_commit_sha }: PullRequestPayload, here: Here) {
  // A deleted fork leaves no repository; its commits can still be read through this one.
  const own = here(head.sha);
  const source = { ...own, repository: head.repo?.full_name ?? own.repository };
  const fork = head.repo === null || !isSame(source.repository, own.repository);
  return {
    ...{ pullRequest: { number, fork }, head: source, base: here(base.sha), labels: labels.map(({ name }) => name) },
    proposedCommits: [head.sha, ...(merge_commit_sha ? [merge_commit_sha] : [])],
  };
}

function ofMergeGroup({ head_sha, base_sha, head_ref = '' }: MergeGroupPayload, here: Here) {
  const [, number] = /\/pr-(\d{1,9})-[0-9a-f]+$/.exec(head_ref) ?? [];
  return { head: here(head_sha), base: here(base_sha), queued: number === undefined ? null : Number(number) };
}

function ofWorkflowRun(run: WorkflowRunPayload, here: Here) {
  const repository = run.head_repository?.full_name ?? here(run.head_sha).repository;
  return {
    head: { sha: run.head_sha, repository },
    // GitHub lists no pull requests of forks here; whoever needs it asks for the branch's (`pull-request-of.ts`).
    branch: run.head_branch && run.event !== 'merge_group' ? { name: run.head_branch, repository } : null,
    proposed: PROPOSING.includes(run.event),
    proposedCommits: PROPOSING.includes(run.event) ? [run.head_sha] : [],
  };
}

/** GitHub's names of repositories don't differ by case alone. */
export function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
