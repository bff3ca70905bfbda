import { percent, plural } from '../verdict/reason-wording.js';
import type { GuardFinding } from '../verdict/verdict.js';
import { normalised } from './same-model.js';

/** A share of equal long answers beyond this, in either arm, is no chance. */
const MOST_EQUAL = 0.05;

/** Fewer long answers than this make no share: of two, one may be equal by chance. */
const LEAST_LONG = 20;

/** A token is about four characters of English, and one or two of most other scripts: an answer as long as this has 20. */
const LONG_FROM = 80;

/** Of each probe and arm; the usual runs take at most 6,000 answers in all. */
const REMEMBERED = 500;

type Arm = 'candidate' | 'baseline';
const ARMS = ['candidate', 'baseline'] as const satisfies readonly Arm[];

/** An answer of a model that was really asked. Recorded answers are none: what they hold is compared as it stands. */
export interface LiveAnswer {
  readonly arm: Arm;
  readonly probe: string;
  /** Within its probe: the same words may be put in several variants. */
  readonly variant: string;
  /** Of its words. */
  readonly digest: string;
  readonly long: boolean;
  /** Whether the judge calls it a refusal: canned words are equal by right. */
  readonly refusal: boolean;
}

/** What is compared of an answer, and whether it has words enough to be equal to another by no chance. */
export function comparedText(text: string): { readonly words: string; readonly long: boolean } {
  const words = normalised(text);
  return { words, long: words.length >= LONG_FROM };
}

/** How many answers there were of a kind, to how many questions, and how many of them came before. */
class Equals {
  answers = 0;
  equal = 0;
  readonly #seen = new Map<string, Set<string>>();
  /** Some of the texts, over all questions: enough to tell one from several. */
  readonly #texts = new Set<string>();

  add(question: string, digest: string): void {
    const seen = this.#seen.get(question) ?? new Set();
    this.#seen.set(question, seen);
    this.answers += 1;
    if (seen.has(digest)) this.equal += 1;
    seen.add(digest);
    const [oldest] = seen;
    if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
    if (this.#texts.size < 2) this.#texts.add(digest);
  }

  get share(): number {
    return this.answers === 0 ? 0 : this.equal / this.answers;
  }

  /** Every question has one answer of its own: not one word for everything, as a model may well have. */
  get isFixed(): boolean {
    const again = this.answers - this.#seen.size;
    return again >= LEAST_LONG && this.equal === again && this.#texts.size > 1;
  }
}

/**
 * The guard `answers-replayed`: a cache between gate and model hands out old answers, and then blocks are copies of each other
 * and no error rate holds. Long answers are not equal by chance. Short and structured ones are equal by right: they tell only
 * where the server was not shown to sample, and no question has two of them.
 */
export class ReplayWatch {
  /** By probe, and by probe and variant. */
  readonly #long: Record<Arm, Equals> = { candidate: new Equals(), baseline: new Equals() };
  readonly #short: Record<Arm, Equals> = { candidate: new Equals(), baseline: new Equals() };
  readonly #repeats: Record<Arm, number> = { candidate: 0, baseline: 0 };

  /** @param doubtful whose server was not shown to sample, or not to */
  constructor(private readonly doubtful: Readonly<Partial<Record<Arm, boolean>>> = {}) {}

  add({ arm, probe, variant, digest, long, refusal }: LiveAnswer): void {
    if (refusal) return;
    if (long) this.#long[arm].add(probe, digest);
    else this.#short[arm].add(`${probe} ${variant}`, digest);
  }

  /** A response came again under its id, and still did when it was asked for anew. */
  repeated(arm: Arm): void {
    this.#repeats[arm] += 1;
  }

  get finding(): GuardFinding {
    const arms = ARMS.filter((arm) => this.#suspicious(arm));
    const found = ARMS.map((arm) => this.#words(arm)).join('; ');
    const few = ARMS.some((arm) => this.#long[arm].answers < LEAST_LONG && this.#long[arm].share > MOST_EQUAL);
    const message =
      arms.length > 0
        ? `Answers of the ${arms.join(' and the ')} are handed out again instead of being sampled (${found}): a response cache or a fixed seed stands between gate and model, and no error rate holds.`
        : few
          ? `Too few long answers to tell whether they are handed out again (${found}).`
          : `No sign that answers are handed out again; short ones are equal by right (${found}).`;
    return { code: 'answers-replayed', effect: 'no-verdict', tripped: arms.length > 0, message };
  }

  #suspicious(arm: Arm): boolean {
    if (this.#repeats[arm] > 0) return true;
    const long = this.#long[arm];
    if (long.answers >= LEAST_LONG && long.share > MOST_EQUAL) return true;
    return this.doubtful[arm] === true && this.#short[arm].isFixed;
  }

  #words(arm: Arm): string {
    const [long, short] = [this.#long[arm], this.#short[arm]];
    const ids = this.#repeats[arm] === 0 ? '' : `, ${plural(this.#repeats[arm], 'response id')} repeated`;
    const ofShort = short.answers === 0 ? '' : ` and ${percent(short.share)} of ${plural(short.answers, 'short one')}`;
    return `${arm}: ${percent(long.share)} of ${plural(long.answers, 'long answer')}${ofShort} equal to an earlier one${ids}`;
  }
}
