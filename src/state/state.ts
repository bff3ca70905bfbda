import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isKnownError } from '../errors.js';
import type { Clock } from '../log.js';
import { type Binding, bindingKey } from './binding.js';
import { stateKeyFrom } from './chain.js';
import { diskTrouble, isFull } from './disk.js';
import { makeFolder } from './folder.js';
import { type Books, type KeptPorts, KeptState } from './kept-state.js';
import { lockFolder } from './lock.js';
import { pruneJournals } from './prune.js';
import { bindingLike, type Opened, openBook } from './shelf.js';
import { isTracked } from './tracked.js';

/** Files of a state directory that travel together, where something carries them from machine to machine. */
export interface Carried {
  /** `run-1a2b3c…`, `baseline-1a2b3c…` */
  readonly name: string;
  readonly folder: string;
}

/** Brings what an earlier machine left in these folders. Never rejects: without it there is less to take over. */
export type Restore = (parts: readonly Carried[]) => Promise<void>;

/** What a book is about, and what it is tied to. */
export interface Subject {
  readonly subject: Binding;
  readonly binding: Binding;
}

export interface StateRequest {
  readonly folder: string;
  /** `state-key`, or the API key in its place. */
  readonly secret: string;
  /** Null where no verdict is sought: the baseline alone is recorded. */
  readonly run: Subject | null;
  /** Null where the baseline is recorded elsewhere. One of the two there is. */
  readonly baseline: Subject | null;
  /** Parts of the bindings that nobody can say now, because the baseline is gone: a cached baseline's are taken. */
  readonly unknown: readonly string[];
  /** How many blocks this run may have, and of how many items. */
  readonly maxBlocks: number;
  readonly items: number;
}

export interface StatePorts extends Pick<KeptPorts, 'clean' | 'spent'> {
  readonly clock: Clock;
  readonly restore?: Restore | undefined;
}

export interface OpenState {
  readonly state: KeptState;
  /** Why a journal or a cache that was there is not used, as the end of a sentence. */
  readonly leftAside: { readonly run: string | null; readonly baseline: string | null };
  /** How many old journals of other verdicts were taken away. */
  readonly pruned: number;
}

/** A state directory that can't be used, and why, as the end of a sentence. */
export interface NoState {
  readonly why: string;
}

/**
 * Opens the state of a run in its directory, and locks that.
 * @throws ConfigError when another run has it; ProviderError when the disk is full
 */
export async function openState(request: StateRequest, ports: StatePorts): Promise<OpenState | NoState> {
  const { folder } = request;
  try {
    const why = await unusable(folder);
    if (why !== null) return { why };
    return await locked(request, ports);
  } catch (error) {
    if (isKnownError(error)) throw error;
    throw diskTrouble(error, folder);
  }
}

async function unusable(folder: string): Promise<string | null> {
  try {
    await makeFolder(dirname(folder));
    if (await isTracked(folder)) return `${JSON.stringify(folder)} is tracked by git, so it came with the checkout`;
    await makeFolder(folder, 0o700);
    // Answers of models are nothing to commit by accident.
    await writeFile(join(folder, '.gitignore'), '*\n');
    return null;
  } catch (error) {
    if (isFull(error)) throw error;
    return `${JSON.stringify(folder)} can't be written to (${(error as NodeJS.ErrnoException).code})`;
  }
}

async function locked(request: StateRequest, ports: StatePorts): Promise<OpenState | NoState> {
  const { folder } = request;
  const holder: { state: KeptState | null } = { state: null };
  const lock = await lockFolder(folder, (error) => holder.state?.lost(error));
  try {
    const used = partsOf(request).map(({ name }) => name);
    // First of all: it may make room on a full disk.
    const pruned = await pruneJournals(folder, { used, now: ports.clock.now() });
    const bound = await restored(request, ports);
    const baseline = bound?.baseline ? await open(bound, bound.baseline, 'baseline', ports) : null;
    const run = bound?.run ? await open(bound, bound.run, 'run', ports) : null;
    const [first, second] = [run ?? baseline, baseline ?? run];
    if (first === null || second === null) {
      await lock.release();
      return { why: 'the baseline is gone, and nothing of it is cached' };
    }
    const books = { run: first.book, baseline: second.book };
    const state = new KeptState(books, isComplete(run, request), blocksLeft(books, request), {
      ...ports,
      folder,
      lock,
    });
    holder.state = state;
    return { state, pruned, leftAside: { run: run?.leftAside ?? null, baseline: baseline?.leftAside ?? null } };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function isComplete(run: Opened | null, { maxBlocks }: StateRequest): boolean {
  const end = run?.book.end ?? null;
  return end !== null && (end.verdict !== 'inconclusive' || end.maxBlocks >= maxBlocks);
}

/** Of a baseline that is gone. */
function blocksLeft({ run, baseline }: Books, { unknown, items }: StateRequest): number | null {
  if (unknown.length === 0) return null;
  const isComplete = (sample: number) =>
    Array.from({ length: items }, (_, index) => ({ arm: 'baseline', index, sample }) as const).every(
      (place) => run.holds(place) || baseline.holds(place),
    );
  let blocks = 0;
  while (isComplete(blocks)) blocks += 1;
  return blocks;
}

type Part = 'run' | 'baseline';

function partOf({ folder }: StateRequest, part: Part, { subject }: Subject): Carried {
  const name = `${part}-${bindingKey(subject)}`;
  return { name, folder: join(folder, name) };
}

function partsOf(request: StateRequest): readonly Carried[] {
  const { run, baseline } = request;
  return [run && partOf(request, 'run', run), baseline && partOf(request, 'baseline', baseline)].filter(
    (part) => part !== null,
  );
}

/** With what is unknown taken from what is there; null when it stays unknown. */
async function restored(request: StateRequest, { restore }: StatePorts): Promise<StateRequest | null> {
  const { run, baseline, unknown, secret } = request;
  await restore?.(partsOf(request));
  if (unknown.length === 0) return request;
  if (baseline === null) return null;
  const { folder } = partOf(request, 'baseline', baseline);
  const there = await bindingLike({ folder, binding: baseline.binding, key: stateKeyFrom(secret) }, unknown);
  if (there === null) return null;
  const known = Object.fromEntries(unknown.map((name) => [name, there[name] ?? null]));
  const filled = (one: Subject) => ({ ...one, binding: { ...one.binding, ...known } });
  return { ...request, run: run && filled(run), baseline: filled(baseline) };
}

function open(request: StateRequest, subject: Subject, part: Part, { clock }: StatePorts): Promise<Opened> {
  const { folder } = partOf(request, part, subject);
  const { binding } = subject;
  return openBook({ folder, binding, key: stateKeyFrom(request.secret), now: new Date(clock.now()) });
}
