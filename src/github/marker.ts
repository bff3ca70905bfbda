import { createHash } from 'node:crypto';

/** How the run stands that wrote a comment: a verdict, or none yet, or none ever. */
export type CommentState = 'running' | 'cancelled' | 'pass' | 'fail' | 'inconclusive' | 'skipped' | 'bypassed';

/** What the hidden first line of our comment says. */
export interface Marker {
  /** Which gate of the pull request: `gateKey`. */
  readonly key: string;
  /** The commit the comment is about. */
  readonly headSha: string;
  readonly runId: number;
  readonly runAttempt: number;
  readonly state: CommentState;
}

export interface GateName {
  /** The setting `comment-key`; null for the workflow's and job's name. */
  readonly commentKey: string | null;
  readonly workflow: string;
  readonly job: string;
  /** The input `matrix-key`: JSON of the job's matrix. */
  readonly matrixKey: string | null;
}

/** A hash, so that names chosen by people can't break out of the marker. */
export function gateKey({ commentKey, workflow, job, matrixKey }: GateName): string {
  const name = commentKey === null ? ['job', workflow, job] : ['key', commentKey];
  return createHash('sha256')
    .update(JSON.stringify([...name, matrixKey ?? 'null']))
    .digest('hex')
    .slice(0, 16);
}

export function renderMarker({ key, headSha, runId, runAttempt, state }: Marker): string {
  return `<!-- misalignment-gate key=${key} head=${headSha} run=${runId} attempt=${runAttempt} state=${state} -->`;
}

const MARKER =
  /^<!-- misalignment-gate key=([0-9a-f]{16}) head=([0-9a-f]*) run=(\d{1,15}) attempt=(\d{1,6}) state=(running|cancelled|pass|fail|inconclusive|skipped|bypassed) -->/;

/** The marker that a comment begins with; null for any other comment, also for one that quotes ours. */
export function parseMarker(body: string): Marker | null {
  const [, key, headSha, runId, runAttempt, state] = MARKER.exec(body) ?? [];
  if (key === undefined || headSha === undefined) return null;
  return { key, headSha, runId: Number(runId), runAttempt: Number(runAttempt), state: state as CommentState };
}

/** Whether one run came after another: run ids and attempts only grow. */
export function isNewer(one: Marker, other: Marker): boolean {
  return one.runId === other.runId ? one.runAttempt > other.runAttempt : one.runId > other.runId;
}
