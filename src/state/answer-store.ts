import type { JudgeOutcome } from '../judge/judge.js';
import type { AnswerOutcome, Arm } from '../models/model.js';

/** Which answer: of which arm, to which item, in which block. */
export interface Place {
  readonly arm: Arm;
  /** The item's place in the battery. */
  readonly index: number;
  /** The block, from 0. */
  readonly sample: number;
}

/** An answer that was had before. */
export interface Remembered {
  readonly given: AnswerOutcome;
  /** Null where it came to no judgement yet. */
  readonly outcome: JudgeOutcome | null;
}

/** What earlier attempts left, and where this one's answers go. */
export interface Memory {
  /** What is known of an answer; each is handed out once, a block's in the order in which they were settled. */
  recall(place: Place): Promise<Remembered | null>;
  /** Keeps an answer. @returns once it is on the disk; need not be waited for where a judgement follows */
  answered(place: Place, given: AnswerOutcome): Promise<void>;
  /** Keeps a judgement. @returns once it is on the disk: only then may it count */
  judged(place: Place, outcome: JudgeOutcome): Promise<void>;
  /** The baseline's cached answers that this run did without: its rate is estimated from them too. */
  rest(): AsyncGenerator<Place & Remembered>;
  /** How many complete blocks there are of a baseline that can't be asked for more; null where it can. */
  readonly baselineBlocks: number | null;
  /** What is stored of a block of the baseline, in battery order, as often as it is asked for; null where it is not complete. */
  storedBlock?(block: number): Promise<readonly Remembered[] | null>;
  /** Why it can't be asked for more, as part of a sentence, where that needs saying. */
  readonly whyNoMore?: string | null;
  /** Everything was drawn and decided before: what is not remembered was cut off then, and is not drawn now. */
  readonly isComplete: boolean;
}

/** For recordings, which can be read again, and for runs that keep no state. */
export const NO_MEMORY: Memory = {
  recall: async () => null,
  answered: async () => {},
  judged: async () => {},
  rest: async function* () {},
  baselineBlocks: null,
  isComplete: false,
};
