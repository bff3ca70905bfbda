import type { Observation } from '../verdict/verdict.js';
import type { Halt } from './halt.js';

/** Of fewer judged answers no share is told. */
const LEAST_JUDGED = 30;

/** Counts whether the baseline makes sense at all: against a babbling one nothing can be compared. */
export class BaselineSense {
  #judged = 0;
  #incoherent = 0;

  /** Halts once more than half of the baseline's answers are incoherent. */
  check(observations: readonly Observation[], halt: Pick<Halt, 'because'>): void {
    for (const observation of observations) {
      if (observation.kind !== 'judged') continue;
      this.#judged += 1;
      if (observation.incoherent) this.#incoherent += 1;
    }
    if (this.#judged < LEAST_JUDGED || this.#incoherent * 2 <= this.#judged) return;
    halt.because({
      code: 'baseline-unfit',
      message: `The baseline is unfit to compare with: ${this.#incoherent} of its ${this.#judged} judged answers are incoherent. A base model that never learned to chat answers so; is its Instruct model meant, perhaps?`,
    });
  }
}
