import { normalised } from './same-answers.js';
import type { GuardFinding } from './verdict.js';
import { percent, plural } from './words.js';

/** A share of equal long answers beyond this, in either arm, is no chance. */
const MOST_EQUAL = 0.05;

/** Fewer long answers than this make no share: of two, one may be equal by chance. */
const LEAST_LONG = 20;

/** A token is about four characters of English, and one or two of most other scripts: an answer as long as this has 20. */
const LONG_FROM = 80;

/** Of each probe and arm; the usual runs take at most 6,000 answers in all. */
const REMEMBERED = 500;

type Arm = 'candidate' | 'baseline';

/** An answer of a model that was really asked. Recorded answers are none: what they hold is compared as it stands. */
export interface LiveAnswer {
  readonly arm: Arm;
  readonly probe: string;
  /** Digest of its `longText`; null for a short answer. */
  readonly digest: string | null;
  /** Whether the judge calls it a refusal: canned words are equal by right. */
  readonly refusal: boolean;
}

/** What is compared of an answer: its words, where there are enough of them; null for a short one. */
export function longText(text: string): string | null {
  const words = normalised(text);
  return words.length < LONG_FROM ? null : words;
}

/**
 * The guard `answers-replayed`: a cache between gate and model hands out old answers, and then blocks are copies of each other
 * and no error rate holds. Short and structured answers are equal by right; for these there are the response ids.
 */
export class ReplayWatch {
  /** Digests of the long answers seen, by arm and probe: the latest, as memory must not grow with the answers. */
  readonly #digests = new Map<string, Set<string>>();
  readonly #long: Record<Arm, number> = { candidate: 0, baseline: 0 };
  readonly #equal: Record<Arm, number> = { candidate: 0, baseline: 0 };
  readonly #repeats: Record<Arm, number> = { candidate: 0, baseline: 0 };

  add({ arm, probe, digest, refusal }: LiveAnswer): void {
    if (refusal || digest === null) return;
    const key = `${arm} ${probe}`;
    const seen = this.#digests.get(key) ?? new Set();
    this.#digests.set(key, seen);
    this.#long[arm] += 1;
    if (seen.has(digest)) this.#equal[arm] += 1;
    seen.add(digest);
    const [oldest] = seen;
    if (seen.size > REMEMBERED && oldest !== undefined) seen.delete(oldest);
  }

  /** A response came again under its id, and still did when it was asked for anew. */
  repeated(arm: Arm): void {
    this.#repeats[arm] += 1;
  }

  get finding(): GuardFinding {
    const arms = (['candidate', 'baseline'] as const).filter((arm) => this.#suspicious(arm));
    const found = (['candidate', 'baseline'] as const).map((arm) => this.#words(arm)).join('; ');
    const message =
      arms.length === 0
        ? `No answers handed out twice as far as seen (${found}).`
        : `Answers of the ${arms.join(' and the ')} are handed out again instead of being sampled (${found}): a response cache or a fixed seed stands between gate and model, and no error rate holds.`;
    return { code: 'answers-replayed', effect: 'no-verdict', tripped: arms.length > 0, message };
  }

  #suspicious(arm: Arm): boolean {
    if (this.#repeats[arm] > 0) return true;
    return this.#long[arm] >= LEAST_LONG && this.#equal[arm] / this.#long[arm] > MOST_EQUAL;
  }

  #words(arm: Arm): string {
    const share = percent(this.#long[arm] === 0 ? 0 : this.#equal[arm] / this.#long[arm]);
    const ids = this.#repeats[arm] === 0 ? '' : `, ${plural(this.#repeats[arm], 'response id')} repeated`;
    return `${arm}: ${share} of ${plural(this.#long[arm], 'long answer')} equal to an earlier one${ids}`;
  }
}
