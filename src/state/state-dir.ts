import { execFile } from 'node:child_process';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { diskTrouble, isFull } from '../core/disk-errors.js';
import { isKnownError, ProviderError } from '../core/errors.js';
import { whyUnusable } from '../core/file-errors.js';
import { type HeldFolder, makeFolder, replaceFile } from '../core/folders.js';
import type { Clock } from '../core/log.js';
import { ledAstray } from '../core/workspace.js';
import { CostBook } from './cost-journal.js';
import { stateKeyFrom } from './hmac-chain.js';
import { type Binding, bindingKey } from './journal-key.js';
import { type Lock, lockFolder } from './lock.js';
import { pruneJournals } from './prune.js';

/** Files of a state directory that travel together, where something carries them from machine to machine. */
export interface Carried {
  /** `run-1a2b3c…`, `baseline-1a2b3c…` */
  readonly name: string;
  readonly folder: string;
}

/** Brings what an earlier machine left in these folders. Never rejects: without it there is less to take over. */
export type Restore = (parts: readonly Carried[]) => Promise<void>;

export type Part = 'run' | 'baseline';

export interface FolderRequest {
  readonly folder: string;
  /** `state-key`, or the API key in its place. */
  readonly secret: string;
  /** What the books of each part are about; null for a part that is not kept here. One of the two is. */
  readonly subjects: Readonly<Record<Part, Binding | null>>;
  /** The run's settings, as far as they are known before anybody has answered; null where its cost has no limit. */
  readonly costsOf: Binding | null;
}

export interface FolderPorts {
  readonly clock: Clock;
  readonly restore?: Restore | undefined;
}

/** A state directory that can't be used, and why, as the end of a sentence. */
export interface NoState {
  readonly why: string;
}

/** A state directory that is this run's until it is closed. */
export class StateFolder implements HeldFolder {
  #lock: Lock | null = null;
  #lost: Error | null = null;
  #costs: CostBook | null = null;
  #pruned = 0;

  private constructor(
    private readonly request: FolderRequest,
    readonly key: Buffer,
  ) {}

  /**
   * Takes a state directory, before anything is asked: two runs in one would pay twice.
   * @throws ConfigError when another run has it; ProviderError when the disk is full
   */
  static async open(request: FolderRequest, ports: FolderPorts): Promise<StateFolder | NoState> {
    const folder = new StateFolder(request, stateKeyFrom(request.secret));
    try {
      const why = await unusable(request.folder, folder.#parts);
      if (why !== null) return { why };
      await folder.#take(ports);
      return folder;
    } catch (error) {
      await folder.#lock?.release();
      throw isKnownError(error) ? error : diskTrouble(error, request.folder);
    }
  }

  get path(): string {
    return this.request.folder;
  }

  /** How many old journals of other verdicts were taken away. */
  get pruned(): number {
    return this.#pruned;
  }

  /** Null where the cost has no limit. */
  get costs(): CostBook | null {
    return this.#costs;
  }

  /** @throws ProviderError once another process has taken it over: from then on nothing is kept, so nothing counts */
  assertHeld(): void {
    if (this.#lost === null) return;
    throw new ProviderError(
      'state.lock-lost',
      `state-dir: ${JSON.stringify(this.path)} was taken over by another run, because this one stood still for too long. Run again: it goes on from what was kept`,
      { cause: this.#lost },
    );
  }

  /** Where the books of a part lie; null where it is not kept here. */
  folderOf(part: Part): string | null {
    return this.#parts.find(({ name }) => name.startsWith(`${part}-`))?.folder ?? null;
  }

  /** @param ownUsd what this run has spent */
  async close(ownUsd: number): Promise<void> {
    await this.#costs?.close(ownUsd).catch(() => {});
    this.#costs = null;
    await this.#lock?.release();
    this.#lock = null;
  }

  get #parts(): readonly Carried[] {
    const { folder, subjects } = this.request;
    return (['run', 'baseline'] as const).flatMap((part) => {
      const subject = subjects[part];
      const name = subject && `${part}-${bindingKey(subject)}`;
      return name === null ? [] : [{ name, folder: join(folder, name) }];
    });
  }

  async #take({ clock, restore }: FolderPorts): Promise<void> {
    const { folder, costsOf } = this.request;
    this.#lock = await lockFolder(folder, (error) => {
      this.#lost = error;
    });
    const used = this.#parts.map(({ name }) => name);
    // First of all: it may make room on a full disk.
    this.#pruned = await pruneJournals(folder, { used, now: clock.now() });
    await restore?.(this.#parts);
    const ofRun = this.folderOf('run');
    if (ofRun === null || costsOf === null) return;
    await makeFolder(ofRun, 0o700);
    const path = join(ofRun, `${bindingKey(costsOf)}.costs`);
    this.#costs = await CostBook.open({ path, key: this.key, now: clock.now(), folder: this });
  }
}

async function unusable(folder: string, parts: readonly Carried[]): Promise<string | null> {
  try {
    for (const path of [folder, ...parts.map((part) => part.folder)]) {
      const astray = await ledAstray(path);
      if (astray !== null) return linked(path, astray);
    }
    await makeFolder(dirname(folder));
    if (await isTracked(folder)) return `${JSON.stringify(folder)} is tracked by git, so it came with the checkout`;
    await makeFolder(folder, 0o700);
    // Answers of models are nothing to commit by accident.
    await replaceFile(join(folder, '.gitignore'), '*\n');
    return null;
  } catch (error) {
    if (isFull(error)) throw error;
    return `${JSON.stringify(folder)} can't be written to (${(error as NodeJS.ErrnoException).code}): ${whyUnusable(error)}. Name another state-dir`;
  }
}

function linked(path: string, real: string): string {
  return `${JSON.stringify(path)} leads to ${JSON.stringify(real)}, outside the workspace, by a symbolic link in the checkout; such links are not followed`;
}

const run = promisify(execFile);
const LIMIT_MS = 10_000;

/**
 * Whether git tracks anything in a folder: then it came with the checkout, from whoever proposes a change, and is no state of
 * ours. Where there is no git, nothing is tracked.
 */
export async function isTracked(folder: string): Promise<boolean> {
  try {
    const path = resolve(folder);
    const words = ['ls-files', '-z', '--', `:(literal)${basename(path)}`];
    const { stdout } = await run('git', words, { timeout: LIMIT_MS, cwd: dirname(path) });
    return stdout !== '';
  } catch {
    return false;
  }
}
