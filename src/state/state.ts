import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isKnownError } from '../errors.js';
import type { Clock } from '../log.js';
import { type Binding, bindingKey } from './binding.js';
import { stateKeyFrom } from './chain.js';
import { diskTrouble } from './disk.js';
import { type KeptPorts, KeptState } from './kept-state.js';
import { lockFolder } from './lock.js';
import { type Opened, openBook } from './shelf.js';
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
  readonly run: Subject;
  readonly baseline: Subject;
  /** How many blocks this run may have. */
  readonly maxBlocks: number;
}

export interface StatePorts extends Pick<KeptPorts, 'clean' | 'spent'> {
  readonly clock: Clock;
  readonly restore?: Restore | undefined;
}

export interface OpenState {
  readonly state: KeptState;
  /** Why a journal or a cache that was there is not used, as the end of a sentence. */
  readonly leftAside: { readonly run: string | null; readonly baseline: string | null };
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
    await mkdir(dirname(folder), { recursive: true });
    if (await isTracked(folder)) return `${JSON.stringify(folder)} is tracked by git, so it came with the checkout`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    // Answers of models are nothing to commit by accident.
    await writeFile(join(folder, '.gitignore'), '*\n');
    return null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    return `${JSON.stringify(folder)} can't be written to (${code})`;
  }
}

async function locked(request: StateRequest, ports: StatePorts): Promise<OpenState> {
  const { folder } = request;
  const holder: { state: KeptState | null } = { state: null };
  const lock = await lockFolder(folder, (error) => holder.state?.lost(error));
  try {
    const parts = { run: partOf(request, 'run'), baseline: partOf(request, 'baseline') };
    await ports.restore?.([parts.run, parts.baseline]);
    const opened = {
      run: await open(request, parts, 'run', ports),
      baseline: await open(request, parts, 'baseline', ports),
    };
    const { end } = opened.run.book;
    const isComplete = end !== null && (end.verdict !== 'inconclusive' || end.maxBlocks >= request.maxBlocks);
    const books = { run: opened.run.book, baseline: opened.baseline.book };
    const state = new KeptState(books, isComplete, { ...ports, folder, lock });
    holder.state = state;
    return { state, leftAside: { run: opened.run.leftAside, baseline: opened.baseline.leftAside } };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

type Part = 'run' | 'baseline';

function partOf(request: StateRequest, part: Part): Carried {
  const name = `${part}-${bindingKey(request[part].subject)}`;
  return { name, folder: join(request.folder, name) };
}

function open(request: StateRequest, parts: Record<Part, Carried>, part: Part, { clock }: StatePorts): Promise<Opened> {
  return openBook({
    folder: parts[part].folder,
    binding: request[part].binding,
    key: stateKeyFrom(request.secret),
    now: new Date(clock.now()),
  });
}
