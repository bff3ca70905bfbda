import { diskTrouble } from '../core/disk-errors.js';
import type { HeldFolder } from '../core/folders.js';
import type { JudgeOutcome } from '../judge/judge.js';
import type { AnswerOutcome } from '../models/model.js';
import type { AnswerBook, End, Entry, Spent } from './answer-journal.js';
import type { Memory, Place, Remembered } from './answer-store.js';

export interface Books {
  /** Everything that this verdict rests on, both arms. */
  readonly run: AnswerBook;
  /** The baseline's answers, for other candidates too; the same book where only one of the two is kept. */
  readonly baseline: AnswerBook;
}

export interface KeptPorts {
  readonly folder: HeldFolder;
  /** Takes out what must not be kept: secrets that a server repeats. */
  readonly clean: <T>(value: T) => T;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What this run, with its earlier attempts, has used so far. */
  readonly spent: () => Spent;
}

/** What was found out of a server's model is found out anew after a week: servers change unseen. */
const LASTS_MS = 7 * 24 * 3_600_000;

/** The books of one run, open. */
export class KeptState implements Memory {
  #fromCache = 0;

  /** @param isComplete, baselineBlocks see `Memory` */
  constructor(
    readonly books: Books,
    readonly isComplete: boolean,
    readonly baselineBlocks: number | null,
    private readonly ports: KeptPorts,
    private readonly items: number,
  ) {}

  storedBlock(block: number): Promise<readonly Remembered[] | null> {
    const { run, baseline } = this.books;
    // A book for one run alone holds no more than that run draws.
    return run === baseline ? Promise.resolve(null) : baseline.complete(block, this.items);
  }

  /** How many of the baseline's answers came from the cache. */
  get fromCache(): number {
    return this.#fromCache;
  }

  async recall(place: Place): Promise<Remembered | null> {
    const { run, baseline } = this.books;
    const known = await run.recall(place);
    if (place.arm === 'candidate') return known;
    if (known) {
      baseline.forget(place);
      return known;
    }
    const cached = this.isComplete || run === baseline ? null : await baseline.recall(place);
    if (cached === null) return null;
    this.#fromCache += 1;
    await this.#keep([run], { kind: 'answer', ...place, given: cached.given });
    if (cached.outcome && cached.given.kind === 'answer') {
      await this.#keep([run], { kind: 'outcome', ...place, outcome: cached.outcome });
    }
    return cached;
  }

  answered(place: Place, given: AnswerOutcome): Promise<void> {
    const kept = this.#keep(this.#booksFor(place), { kind: 'answer', ...place, given });
    // Who does not wait for it hears of it with the judgement.
    kept.catch(() => {});
    return kept;
  }

  judged(place: Place, outcome: JudgeOutcome): Promise<void> {
    return this.#keep(this.#booksFor(place), { kind: 'outcome', ...place, outcome });
  }

  async *rest(): AsyncGenerator<Place & Remembered> {
    const { run, baseline } = this.books;
    if (run === baseline) return;
    for (const place of baseline.unasked) {
      const remembered = await baseline.recall(place);
      if (remembered) yield { ...place, ...remembered };
    }
  }

  /** What is found out once for a run, whatever becomes of it later: the judge's test, for one. */
  async once<T>(name: string, find: () => Promise<T>): Promise<T> {
    const before = this.books.run.found(name);
    if (before !== undefined) return before as T;
    const value = await find();
    await this.#append([this.books.run], { kind: 'found', name, value });
    return value;
  }

  /**
   * As `once`, and for runs to come on the same baseline too, where it `lasts`.
   * @param about what it holds for, beside what the baseline's book is tied to
   */
  async onceFor<T>(name: string, about: string, find: () => Promise<T>, lasts: (found: T) => boolean): Promise<T> {
    const { run, baseline } = this.books;
    return this.once(name, async () => {
      const kept = baseline.found(`${name}, kept`) as { about: string; at: number; value: T } | undefined;
      const now = this.ports.now();
      if (kept?.about === about && now - kept.at < LASTS_MS && now >= kept.at) return kept.value;
      const value = await find();
      if (run !== baseline && lasts(value)) {
        await this.#append([baseline], { kind: 'found', name: `${name}, kept`, value: { about, at: now, value } });
      }
      return value;
    });
  }

  /** The sequential test has decided; what a limit ended goes on another time. */
  async conclude(end: Omit<End, 'kind'>): Promise<void> {
    if (!this.isComplete) await this.#append([this.books.run], { kind: 'end', ...end });
  }

  async close(): Promise<void> {
    const { run, baseline } = this.books;
    // What the answers do not say: the preflight of a run that drew none, what was cut off.
    await this.#append([run], { kind: 'spent', spent: this.ports.spent() }).catch(() => {});
    await Promise.allSettled([run.close(), baseline.close()]);
  }

  #booksFor({ arm }: Place): readonly AnswerBook[] {
    const { run, baseline } = this.books;
    return arm === 'candidate' || run === baseline ? [run] : [run, baseline];
  }

  async #keep(books: readonly AnswerBook[], entry: Unspent): Promise<void> {
    await this.#append(books, { ...entry, spent: this.ports.spent() });
  }

  async #append(books: readonly AnswerBook[], entry: Entry): Promise<void> {
    const { folder } = this.ports;
    folder.assertHeld();
    try {
      const clean = this.ports.clean(entry);
      await Promise.all(books.map((book) => book.append(clean)));
    } catch (error) {
      throw diskTrouble(error, folder.path);
    }
  }
}

type Unspent = Omit<Extract<Entry, { kind: 'answer' }>, 'spent'> | Omit<Extract<Entry, { kind: 'outcome' }>, 'spent'>;
