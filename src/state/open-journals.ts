import { diskTrouble } from '../core/disk-errors.js';
import { isKnownError } from '../core/errors.js';
import type { Clock } from '../core/log.js';
import { bindingLike, type Opened, openBook } from './find-journal.js';
import { type Binding, bindingKey } from './journal-key.js';
import { type Books, type KeptPorts, KeptState } from './run-journal.js';
import type { NoState, Part, StateFolder } from './state-dir.js';

export interface StateRequest {
  /** What the books are tied to; null for a part that the folder does not keep. */
  readonly bindings: Readonly<Record<Part, Binding | null>>;
  /** Parts of the bindings that nobody can say now, because the baseline is gone: a cached baseline's are taken. */
  readonly unknown: readonly string[];
  /** How many blocks this run may have, and of how many items. */
  readonly maxBlocks: number;
  readonly items: number;
}

export interface StatePorts extends Pick<KeptPorts, 'clean' | 'spent' | 'now'> {
  readonly clock: Clock;
}

export interface OpenState {
  readonly state: KeptState;
  /** Why a journal or a cache that was there is not used, as the end of a sentence. */
  readonly leftAside: { readonly run: string | null; readonly baseline: string | null };
}

/**
 * Opens the books of a run in its directory.
 * @throws ProviderError when the disk is full
 */
export async function openState(
  folder: StateFolder,
  request: StateRequest,
  ports: StatePorts,
): Promise<OpenState | NoState> {
  try {
    return await openBooks(folder, request, ports);
  } catch (error) {
    throw isKnownError(error) ? error : diskTrouble(error, folder.path);
  }
}

async function openBooks(folder: StateFolder, request: StateRequest, ports: StatePorts): Promise<OpenState | NoState> {
  const bound = await filled(folder, request);
  const baseline = bound && (await open(folder, bound, 'baseline', ports));
  const run = bound && (await open(folder, bound, 'run', ports));
  const [first, second] = [run ?? baseline, baseline ?? run];
  if (first === null || second === null) return { why: 'the baseline is gone, and nothing of it is cached' };
  if (bound?.bindings.run) await folder.costs?.belongsTo(bindingKey(bound.bindings.run));
  const books = { run: first.book, baseline: second.book };
  const state = new KeptState(
    books,
    isComplete(run, request),
    blocksLeft(books, request),
    { ...ports, folder },
    request.items,
  );
  return { state, leftAside: { run: run?.leftAside ?? null, baseline: baseline?.leftAside ?? null } };
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

/** With what is unknown taken from what is there; null when it stays unknown. */
async function filled(folder: StateFolder, request: StateRequest): Promise<StateRequest | null> {
  const { bindings, unknown } = request;
  if (unknown.length === 0) return request;
  const ofBaseline = folder.folderOf('baseline');
  if (ofBaseline === null || bindings.baseline === null) return null;
  const there = await bindingLike({ folder: ofBaseline, binding: bindings.baseline, key: folder.key }, unknown);
  if (there === null) return null;
  const known = Object.fromEntries(unknown.map((name) => [name, there[name] ?? null]));
  const { run, baseline } = bindings;
  return { ...request, bindings: { run: run && { ...run, ...known }, baseline: { ...baseline, ...known } } };
}

async function open(
  folder: StateFolder,
  { bindings }: StateRequest,
  part: Part,
  { clock }: StatePorts,
): Promise<Opened | null> {
  const [path, binding] = [folder.folderOf(part), bindings[part]];
  if (path === null || binding === null) return null;
  return openBook({ folder: path, binding, key: folder.key, now: new Date(clock.now()) });
}
