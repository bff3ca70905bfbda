import type { JudgeOutcome } from '../judge/judge.js';
import type { AnswerOutcome, Missing } from '../models/model.js';
import type { Usage } from '../report/report.js';
import type { Place, Remembered } from './answer-store.js';
import { ChainedFile, type Span } from './chained-file.js';
import { type Binding, differences } from './journal-key.js';

/** What a run had used when it wrote a line: with what never came back, it is more than the answers add up to. */
export type Spent = Pick<Usage, 'requests' | 'tokens'>;

/** What the lines of an answer book say. */
export type Entry =
  | { readonly kind: 'header'; readonly version: 1; readonly startedAt: string; readonly binding: Binding }
  | ({ readonly kind: 'answer'; readonly given: AnswerOutcome; readonly spent: Spent } & Place)
  | ({ readonly kind: 'outcome'; readonly outcome: JudgeOutcome; readonly spent: Spent } & Place)
  | { readonly kind: 'spent'; readonly spent: Spent }
  | { readonly kind: 'found'; readonly name: string; readonly value: unknown }
  | { readonly kind: 'end'; readonly at: string; readonly verdict: string; readonly maxBlocks: number };

export type Header = Extract<Entry, { kind: 'header' }>;
export type End = Extract<Entry, { kind: 'end' }>;

interface Known {
  readonly place: Place;
  readonly answer: Span;
  outcome: Span | null;
}

/** A book that is tied to something else than this run. */
export class OtherBook extends Error {
  constructor(readonly differences: readonly string[]) {
    super(`tied to something else: ${differences.join(', ')}`);
  }
}

/** Answers with their judgements, in a chained file that is tied to what they were had with. */
export class AnswerBook {
  readonly #blocks = new Map<number, Map<string, Known>>();
  readonly #reading = new Map<number, Map<string, Promise<Remembered>>>();
  readonly #found = new Map<string, unknown>();
  #file: ChainedFile | null = null;
  #header: Header | null = null;
  #end: End | null = null;
  #judged = 0;
  #spent: Spent | null = null;
  #isNew = false;

  /**
   * Opens a book, or begins one.
   * @throws ForgedFile, OtherBook; the file system's errors
   */
  static async open(path: string, key: Buffer, binding: Binding, now: Date): Promise<AnswerBook> {
    const book = new AnswerBook();
    const file = await ChainedFile.open(path, key, (entry, span) => book.#take(entry as Entry, span));
    book.#file = file;
    if (book.#header === null) {
      book.#isNew = true;
      book.#header = { kind: 'header', version: 1, startedAt: now.toISOString(), binding };
      await file.append(book.#header);
    }
    const differing = differences(book.#header.binding, binding);
    if (differing.length === 0) return book;
    await file.close();
    throw new OtherBook(differing);
  }

  get binding(): Binding {
    return this.#header?.binding ?? {};
  }

  /** ISO 8601, UTC. */
  get startedAt(): string {
    return this.#header?.startedAt ?? '';
  }

  /** How many answers with an outcome it held when it was opened. */
  get answersTakenOver(): number {
    return this.#judged;
  }

  /** What had been used by the time of its last entry; null when no attempt came so far as to say. */
  get spent(): Spent | null {
    return this.#spent;
  }

  /** Begun now, not taken over. */
  get isNew(): boolean {
    return this.#isNew;
  }

  get end(): End | null {
    return this.#end;
  }

  /** What it holds and nobody has asked for. */
  get unasked(): readonly Place[] {
    return [...this.#blocks.values()].flatMap((block) => [...block.values()].map(({ place }) => place));
  }

  /** Whether it holds an answer that nobody has asked for, with what became of it. */
  holds(place: Place): boolean {
    return this.#blocks.get(place.sample)?.get(keyOf(place)) !== undefined;
  }

  /** A block's answers in battery order, which can be asked for still; null where one of `items` is missing or not judged. */
  async complete(sample: number, items: number): Promise<readonly Remembered[] | null> {
    const known = [...(this.#blocks.get(sample)?.values() ?? [])].sort((a, b) => a.place.index - b.place.index);
    if (known.length < items) return null;
    const block = await Promise.all(known.map((one) => this.#read(one)));
    return block.every(({ outcome }) => outcome !== null) ? block : null;
  }

  found(name: string): unknown {
    return this.#found.get(name);
  }

  /** Each answer is handed out once, a block's in the order in which they were settled: a stop then falls where it fell. */
  async recall(place: Place): Promise<Remembered | null> {
    const reading = this.#readingOf(place.sample);
    const remembered = reading.get(keyOf(place));
    reading.delete(keyOf(place));
    return (await remembered) ?? null;
  }

  /** An answer that is known from elsewhere. */
  forget({ arm, index, sample }: Place): void {
    this.#blocks.get(sample)?.delete(keyOf({ arm, index, sample }));
    this.#reading.get(sample)?.delete(keyOf({ arm, index, sample }));
  }

  append(entry: Entry): Promise<void> {
    return this.#file?.append(entry) ?? Promise.reject(new Error('the book is closed'));
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  #readingOf(sample: number): Map<string, Promise<Remembered>> {
    const begun = this.#reading.get(sample);
    if (begun) return begun;
    const known = [...(this.#blocks.get(sample)?.values() ?? [])];
    this.#blocks.delete(sample);
    const reading = new Map<string, Promise<Remembered>>();
    let last: Promise<unknown> = Promise.resolve();
    for (const one of known.sort(bySettling)) {
      const read = last.then(() => this.#read(one));
      read.catch(() => {});
      reading.set(keyOf(one.place), read);
      last = read;
    }
    this.#reading.set(sample, reading);
    return reading;
  }

  async #read({ answer, outcome }: Known): Promise<Remembered> {
    const first = (await this.#file?.read(answer)) as Extract<Entry, { kind: 'answer' }>;
    const second = outcome && ((await this.#file?.read(outcome)) as Extract<Entry, { kind: 'outcome' }>);
    return { given: first.given, outcome: second?.outcome ?? missingAnswer(first.given) };
  }

  #take(entry: Entry, span: Span): void {
    switch (entry.kind) {
      case 'header':
        this.#header = entry;
        return;
      case 'found':
        this.#found.set(entry.name, entry.value);
        return;
      case 'end':
        this.#end = entry;
        return;
      case 'spent':
        this.#spent = entry.spent;
        return;
      case 'answer':
        this.#spent = entry.spent;
        if (missingAnswer(entry.given)) this.#judged += 1;
        this.#takeAnswer(entry, span);
        return;
      case 'outcome':
        this.#spent = entry.spent;
        this.#judged += 1;
        this.#takeOutcome(entry, span);
    }
  }

  #takeAnswer({ arm, index, sample }: Place, answer: Span): void {
    const block = this.#blocks.get(sample) ?? new Map<string, Known>();
    this.#blocks.set(sample, block);
    const place = { arm, index, sample };
    block.set(keyOf(place), { place, answer, outcome: null });
  }

  #takeOutcome(place: Place, outcome: Span): void {
    const known = this.#blocks.get(place.sample)?.get(keyOf(place));
    if (known) known.outcome = outcome;
  }
}

function missingAnswer(given: AnswerOutcome): Missing | null {
  return given.kind === 'missing' ? given : null;
}

/** By the line that settled it; what is still to be judged comes last. */
function bySettling(a: Known, b: Known): number {
  return settledAt(a) - settledAt(b);
}

function settledAt({ answer, outcome }: Known): number {
  return outcome?.offset ?? answer.offset;
}

function keyOf({ arm, index }: Place): string {
  return `${arm} ${index}`;
}
