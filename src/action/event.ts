import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { ConfigError } from '../errors.js';
import type { RunnerEnvironment } from './environment.js';

/** The pull request that an event is about. */
export interface PullRequest {
  readonly number: number;
  /** Whether its commits come from another repository. */
  readonly fork: boolean;
}

/** A commit and the repository (`owner/name`) to read it from. */
export interface Revision {
  readonly sha: string;
  readonly repository: string;
}

/** What the gate needs to know of the event that started it. */
export interface GateEvent {
  readonly name: string;
  /** Null where there is none to comment on: pushes, schedules, merge groups. */
  readonly pullRequest: PullRequest | null;
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

interface Payload {
  readonly repository?: { readonly default_branch?: string };
  readonly pull_request?: PullRequestPayload;
  readonly merge_group?: { readonly head_sha: string; readonly base_sha: string };
  readonly workflow_run?: WorkflowRunPayload;
}

interface PullRequestPayload {
  readonly number: number;
  readonly head: { readonly sha: string; readonly repo?: { readonly full_name: string } | null };
  readonly base: { readonly sha: string };
}

interface WorkflowRunPayload {
  readonly event: string;
  readonly head_sha: string;
  readonly head_repository?: { readonly full_name: string } | null;
  readonly pull_requests: readonly { number: number; head: { sha: string }; base: { sha: string } }[];
}

const sha = { type: 'string', pattern: '^[0-9a-f]{40,64}$' } as const;
const commit = { type: 'object', required: ['sha'], properties: { sha } } as const;
const repository = {
  type: ['object', 'null'],
  required: ['full_name'],
  properties: { full_name: { type: 'string', pattern: '^[^/\\s]+/[^/\\s]+$' } },
} as const;
const number = { type: 'integer', minimum: 1 } as const;
const isPayload = new Ajv({ allowUnionTypes: true }).compile<Payload>({
  type: 'object',
  properties: {
    repository: { type: 'object', properties: { default_branch: { type: 'string', minLength: 1 } } },
    pull_request: {
      type: 'object',
      required: ['number', 'head', 'base'],
      properties: {
        number,
        head: { type: 'object', required: ['sha'], properties: { sha, repo: repository } },
        base: commit,
      },
    },
    merge_group: {
      type: 'object',
      required: ['head_sha', 'base_sha'],
      properties: { head_sha: sha, base_sha: sha },
    },
    workflow_run: {
      type: 'object',
      required: ['event', 'head_sha', 'pull_requests'],
      properties: {
        event: { type: 'string' },
        head_sha: sha,
        head_repository: repository,
        pull_requests: {
          type: 'array',
          items: {
            type: 'object',
            required: ['number', 'head', 'base'],
            properties: { number, head: commit, base: commit },
          },
        },
      },
    },
  },
});

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
  const known = { name: environment.eventName, defaultBranch: payload.repository?.default_branch ?? null };
  // Reviews and other events carry a pull request too, and run what it proposes.
  if (payload.pull_request) return { ...known, ...ofPullRequest(payload.pull_request, here), proposed: true };
  if (payload.merge_group) {
    const { head_sha, base_sha } = payload.merge_group;
    return { ...known, pullRequest: null, head: here(head_sha), base: here(base_sha), proposed: true };
  }
  if (payload.workflow_run) return { ...known, ...ofWorkflowRun(payload.workflow_run, here) };
  return { ...known, pullRequest: null, head: here(environment.sha), base: null, proposed: false };
}

type Here = (sha: string) => Revision;

function ofPullRequest({ number, head, base }: PullRequestPayload, here: Here) {
  // A deleted fork leaves no repository; its commits can still be read through this one.
  const own = here(head.sha);
  const source = { ...own, repository: head.repo?.full_name ?? own.repository };
  const fork = head.repo === null || source.repository.toLowerCase() !== own.repository.toLowerCase();
  return { pullRequest: { number, fork }, head: source, base: here(base.sha) };
}

function ofWorkflowRun(run: WorkflowRunPayload, here: Here) {
  const own = here(run.head_sha);
  const repository = run.head_repository?.full_name ?? own.repository;
  const fork = repository.toLowerCase() !== own.repository.toLowerCase();
  // GitHub lists the pull requests of the run's branch, none for forks. Only one that is still at this commit is meant.
  const matching = run.pull_requests.filter(({ head }) => head.sha === run.head_sha);
  const [only] = matching.length === 1 ? matching : [];
  return {
    pullRequest: only ? { number: only.number, fork } : null,
    head: { sha: run.head_sha, repository },
    base: only ? here(only.base.sha) : null,
    proposed: PROPOSING.includes(run.event),
  };
}
