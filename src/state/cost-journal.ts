import { rename } from 'node:fs/promises';
import { diskTrouble } from '../core/disk-errors.js';
import { InternalError } from '../core/errors.js';
import type { HeldFolder } from '../core/folders.js';
import { ChainedFile, ForgedFile } from './chained-file.js';

/** What a verdict may have cost by now, over all its attempts. The last entry about a verdict holds. */
interface Entry {
  /** Null for what was spent before anybody knew on which verdict: a preflight says which model answers. */
  readonly verdict: string | null;
  readonly usd: number;
}

interface Place {
  readonly path: string;
  readonly key: Buffer;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** In which it lies. */
  readonly folder: HeldFolder;
}

/**
 * What attempts at one verdict may have cost, written down before it is spent: a process that is killed has no time to say.
 * An attempt that ends takes back what it did not spend.
 */
export class CostBook {
  readonly #totals = new Map<string | null, number>();
  #verdict: string | null = null;
  /** Before this attempt: of this verdict, once that is known; until then of attempts that came no further either. */
  #baseUsd = 0;
  /** Of this attempt, as far as it is written down. */
  #coveredUsd = 0;
  #writing: Promise<void> | null = null;
  #file: ChainedFile | null = null;

  private constructor(private readonly folder: Place['folder']) {}

  /** One that does not verify is put aside, and a new one begun. @throws the file system's errors */
  static async open(place: Place): Promise<CostBook> {
    const { path, now } = place;
    try {
      return await CostBook.#open(place);
    } catch (error) {
      if (!(error instanceof ForgedFile)) throw error;
      await rename(path, `${path}.refused-${now}`);
      return CostBook.#open(place);
    }
  }

  static async #open({ path, key, folder }: Place): Promise<CostBook> {
    const book = new CostBook(folder);
    book.#file = await ChainedFile.open(path, key, (entry) => {
      const { verdict, usd } = entry as Entry;
      book.#totals.set(verdict, usd);
    });
    book.#baseUsd = book.#totalOf(null);
    return book;
  }

  /** The most that may have been spent before; while nobody knows which verdict this is, of the dearest. */
  get earlierUsd(): number {
    if (this.#verdict !== null) return this.#baseUsd;
    const verdicts = [...this.#totals].filter(([verdict]) => verdict !== null).map(([, usd]) => usd);
    return Math.max(0, ...verdicts) + this.#baseUsd;
  }

  /** Of this attempt. */
  get coveredUsd(): number {
    return this.#coveredUsd;
  }

  /** Now it is known which verdict this is: what nobody knew the verdict of goes to this one. */
  async belongsTo(verdict: string): Promise<void> {
    await this.#writing;
    this.#baseUsd = this.#totalOf(verdict) + this.#totalOf(null) - (this.#verdict === null ? this.#coveredUsd : 0);
    this.#verdict = verdict;
    // In this order: cut off between the two, it is counted twice and never left out.
    await Promise.all([this.#write(verdict, this.#baseUsd + this.#coveredUsd), this.#write(null, 0)]);
  }

  /**
   * Writes down that this attempt may spend so much.
   * @returns once it is on the disk: only then may it be spent
   * @throws ProviderError when the disk is full, or another process has the folder
   */
  async cover(upToUsd: number): Promise<void> {
    for (let writing = this.#writing; writing !== null; writing = this.#writing) {
      await writing;
      if (upToUsd <= this.#coveredUsd) return;
    }
    this.#writing = this.#write(this.#verdict, this.#baseUsd + upToUsd);
    try {
      await this.#writing;
      this.#coveredUsd = upToUsd;
    } finally {
      this.#writing = null;
    }
  }

  /**
   * Nothing more is covered afterwards.
   * @param usd what this attempt has spent, and may still for what is under way
   */
  async close(usd: number): Promise<void> {
    const file = this.#file;
    this.#coveredUsd = usd;
    const written = this.#write(this.#verdict, this.#baseUsd + usd);
    this.#file = null;
    await written.finally(() => file?.close());
  }

  #totalOf(verdict: string | null): number {
    return this.#totals.get(verdict) ?? 0;
  }

  async #write(verdict: string | null, usd: number): Promise<void> {
    if (this.#file === null) throw new InternalError('state.costs', 'the book of costs is closed');
    this.folder.assertHeld();
    await this.#file.append({ verdict, usd } satisfies Entry).catch((error: unknown) => {
      throw diskTrouble(error, this.folder.path);
    });
    this.#totals.set(verdict, usd);
  }
}
