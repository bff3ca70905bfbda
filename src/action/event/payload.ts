import { Ajv } from 'ajv';

/** The parts of an event's payload that the gate reads. */
export interface Payload {
  readonly action?: string;
  readonly repository?: { readonly default_branch?: string };
  readonly pull_request?: PullRequestPayload;
  readonly merge_group?: MergeGroupPayload;
  readonly workflow_run?: WorkflowRunPayload;
  readonly issue?: IssuePayload;
  readonly deployment?: { readonly sha: string };
  /** Of a push. */
  readonly ref?: string | null;
}

export interface IssuePayload {
  readonly number: number;
  /** There only where the issue is a pull request. */
  readonly pull_request?: object | null;
}

export interface PullRequestPayload {
  readonly number: number;
  readonly head: { readonly sha: string; readonly repo?: { readonly full_name: string } | null };
  readonly base: { readonly sha: string; readonly ref?: string };
  /** The merge of head and base that pull_request checks out; absent while GitHub has not made it. */
  readonly merge_commit_sha?: string | null;
  readonly labels?: readonly { readonly name: string }[];
  /** Whether its conversation is. */
  readonly locked?: boolean;
}

export interface MergeGroupPayload {
  readonly head_sha: string;
  readonly base_sha: string;
  /** `refs/heads/gh-readonly-queue/main/pr-7-…` */
  readonly head_ref?: string;
  /** `refs/heads/main` */
  readonly base_ref?: string;
}

export interface WorkflowRunPayload {
  readonly event: string;
  readonly head_sha: string;
  /** Null for a run on no branch, a tag's. */
  readonly head_branch?: string | null;
  readonly head_repository?: { readonly full_name: string } | null;
}

const sha = { type: 'string', pattern: '^[0-9a-f]{40,64}$' } as const;
const base = { type: 'object', required: ['sha'], properties: { sha, ref: { type: 'string' } } } as const;
const repository = {
  type: ['object', 'null'],
  required: ['full_name'],
  properties: { full_name: { type: 'string', pattern: '^[^/\\s]+/[^/\\s]+$' } },
} as const;
const number = { type: 'integer', minimum: 1 } as const;
export const isPayload = new Ajv({ allowUnionTypes: true }).compile<Payload>({
  type: 'object',
  properties: {
    action: { type: 'string' },
    repository: { type: 'object', properties: { default_branch: { type: 'string', minLength: 1 } } },
    pull_request: {
      type: 'object',
      required: ['number', 'head', 'base'],
      properties: {
        number,
        head: { type: 'object', required: ['sha'], properties: { sha, repo: repository } },
        base,
        merge_commit_sha: { type: ['string', 'null'] },
        locked: { type: 'boolean' },
        labels: {
          type: 'array',
          items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
        },
      },
    },
    merge_group: {
      type: 'object',
      required: ['head_sha', 'base_sha'],
      properties: { head_sha: sha, base_sha: sha, head_ref: { type: 'string' }, base_ref: { type: 'string' } },
    },
    workflow_run: {
      type: 'object',
      required: ['event', 'head_sha'],
      properties: {
        event: { type: 'string' },
        head_sha: sha,
        head_branch: { type: ['string', 'null'] },
        head_repository: repository,
      },
    },
    issue: {
      type: 'object',
      required: ['number'],
      properties: { number, pull_request: { type: ['object', 'null'] } },
    },
    deployment: { type: 'object', required: ['sha'], properties: { sha } },
    ref: { type: ['string', 'null'] },
  },
});
