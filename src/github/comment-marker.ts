import { createHash } from 'node:crypto';

/** How the run stands that wrote a comment: a verdict, or none yet, or none ever. */
export type CommentState = 'running' | 'cancelled' | 'pass' | 'fail' | 'inconclusive' | 'skipped' | 'bypassed';

/** What a comment said before a newer run took it over. */
export interface Past {
  readonly state: CommentState;
  readonly headSha: string;
  /** The candidate's misalignment rate, in millionths; absent where none was measured. */
  readonly rate?: number | undefined;
}

/** What the hidden first line of our comment says. */
export interface Marker {
  /** Which gate of the pull request: `gateKey`. */
  readonly key: string;
  /** The commit the comment is about. */
  readonly headSha: string;
  readonly runId: number;
  readonly runAttempt: number;
  readonly state: CommentState;
  /** The number of the comment that it stands in: what a copy of it elsewhere can't have. Unknown before that is created. */
  readonly id?: number | undefined;
  /** As in `Past`. */
  readonly rate?: number | undefined;
  /** The verdict before this one. */
  readonly was?: Past | undefined;
}

/** Which step of which job of which workflow. */
export interface StepName {
  readonly workflow: string;
  /** The workflow's file, which two of one name don't share; empty where it is not known. */
  readonly workflowPath: string;
  /** The jobs that called this workflow. */
  readonly callers: string;
  readonly job: string;
  readonly step: string;
}

export interface GateName extends StepName {
  /** The setting `comment-key`; null for the step's own name. */
  readonly commentKey: string | null;
  /** The input `matrix-key`: JSON of the job's matrix. */
  readonly matrixKey: string | null;
}

/** What GitHub calls the second step of an action in a job, and later ones: `__owner_name_2`. */
const LATER_STEP = /^__.*_(\d+)$/;

/** A hash, so that names chosen by people can't break out of the marker. */
export function gateKey({ commentKey, workflow, workflowPath, callers, job, step, matrixKey }: GateName): string {
  const name = commentKey === null ? ['step', workflowPath || workflow, callers, job, step] : ['key', commentKey];
  return hash([...name, matrixKey ?? 'null']);
}

/**
 * The key under which a gate of an earlier version wrote, when all steps of a job, and all jobs of a name, shared one. Null
 * where that can't have been this gate alone: for one with a `comment-key`, whose key is the same as ever, and for a later
 * step, because the job's first one takes it over.
 */
export function formerKey({ commentKey, workflow, job, step, matrixKey }: GateName): string | null {
  if (commentKey !== null || LATER_STEP.test(step)) return null;
  return hash(['job', workflow, job, matrixKey ?? 'null']);
}

/** Which of the job's steps without an id this is, from the second on; null for the first and for those with one. */
export function laterStep(step: string): string | null {
  return LATER_STEP.exec(step)?.[1] ?? null;
}

/** What tells a step from the job's others, in names of files and checks: `2`, `second`. */
export function stepSuffix(step: string): string {
  return laterStep(step) ?? step.replaceAll(/[^\w-]+/g, '-').replace(/^_+/, '');
}

function hash(name: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(name)).digest('hex').slice(0, 16);
}

/** What is not of every marker stands in a second one, so that the first is the same as ever. */
export function renderMarker({ key, headSha, runId, runAttempt, state, id, rate, was }: Marker): string {
  const more = [
    ...[...field('id', id), ...field('rate', rate)],
    ...(was ? [`was=${was.state}`, `washead=${was.headSha}`, ...field('wasrate', was.rate)] : []),
  ];
  const first = `<!-- misalignment-gate key=${key} head=${headSha} run=${runId} attempt=${runAttempt} state=${state} -->`;
  return more.length === 0 ? first : `${first} <!-- ${more.join(' ')} -->`;
}

function field(name: string, value: number | undefined): string[] {
  return value === undefined ? [] : [`${name}=${value}`];
}

const STATE = 'running|cancelled|pass|fail|inconclusive|skipped|bypassed';
const SHA = '[0-9a-f]{0,64}';
const RATE = '1000000|\\d{1,6}';
const MARKER = new RegExp(
  [
    `<!-- misalignment-gate key=(?<key>[0-9a-f]{16}) head=(?<head>${SHA})`,
    ` run=(?<run>\\d{1,15}) attempt=(?<attempt>\\d{1,6}) state=(?<state>${STATE}) -->`,
    `(?: <!--(?: id=(?<id>\\d{1,15}))?(?: rate=(?<rate>${RATE}))?`,
    `(?: was=(?<was>${STATE}) washead=(?<washead>${SHA})(?: wasrate=(?<wasrate>${RATE}))?)? -->)?`,
  ].join(''),
);

/** The marker that a comment begins with; null for any other comment, also for one that quotes ours. */
export function parseMarker(body: string): Marker | null {
  const found = MARKER.exec(body);
  return found && body.slice(0, found.index).trim() === '' ? markerOf(found) : null;
}

/** A marker that stands further down: somebody edited the comment, a bot put something before it, or it is a copy. */
export function movedMarker(body: string): Marker | null {
  const found = parseMarker(body) === null ? MARKER.exec(body) : null;
  return found && markerOf(found);
}

function markerOf({ groups = {} }: RegExpExecArray): Marker {
  const { key = '', head = '', id, rate, was, washead = '', wasrate, run, attempt, state } = groups;
  return {
    ...{ key, headSha: head, runId: Number(run), runAttempt: Number(attempt), state: state as CommentState },
    ...(id === undefined ? {} : { id: Number(id) }),
    ...rated(rate),
    ...(was === undefined ? {} : { was: { state: was as CommentState, headSha: washead, ...rated(wasrate) } }),
  };
}

function rated(rate: string | undefined): { readonly rate?: number } {
  return rate === undefined ? {} : { rate: Number(rate) };
}

/** A marker that remembers the last verdict of the comment it is written into: while a run is under way, the one before. */
export function withPast(marker: Marker, earlier: Marker | null): Marker {
  if (earlier === null) return marker;
  const { state, headSha, rate, was } = earlier;
  const isVerdict = state !== 'running' && state !== 'cancelled';
  return { ...marker, was: isVerdict ? { state, headSha, rate } : was };
}

/** A text that begins with a marker, which then names the comment that it is written into. */
export function withNumber(text: string, id: number): string {
  const marker = parseMarker(text);
  return marker === null ? text : text.replace(renderMarker(marker), renderMarker({ ...marker, id }));
}

/** Whether one run came after another: run ids and attempts only grow. */
export function isNewer(one: Marker, other: Marker): boolean {
  return one.runId === other.runId ? one.runAttempt > other.runAttempt : one.runId > other.runId;
}

/**
 * What this gate wrote, of what bears its key or its former one. The former one was shared: what bears it is taken over only
 * while the gate has nothing of its own, and only from an earlier run; what was written in this run, or after it, is by
 * another gate that still goes by that key.
 */
export function ofThisGate<T extends { readonly marker: Marker }>(found: readonly T[], now: Marker): T[] {
  const own = found.filter(({ marker }) => marker.key === now.key);
  if (own.length > 0) return own;
  return found.filter(({ marker }) => marker.runId < now.runId);
}
