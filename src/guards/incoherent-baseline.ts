import type { Halt } from '../sampling/early-stop.js';
import type { ArmCounts, Observation } from '../verdict/verdict.js';

export const BASELINE_UNFIT = 'baseline-unfit';

/** Of fewer judged answers no share ends a run. */
const LEAST_JUDGED = 30;
/** So many that make no sense, and more than half, are worth a word however early a run ends. */
const LEAST_INCOHERENT = 3;

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
    halt.because({ code: BASELINE_UNFIT, message: `The baseline is unfit to compare with: ${said(this)}` });
  }

  get judged(): number {
    return this.#judged;
  }

  get incoherent(): number {
    return this.#incoherent;
  }
}

/** Of a baseline that babbled in a run that was over before that could end it; null of any other. */
export function unfitNote(counts: Pick<ArmCounts, 'judged' | 'incoherent'>): string | null {
  const babbles = counts.incoherent >= LEAST_INCOHERENT && counts.incoherent * 2 > counts.judged;
  return babbles ? `The baseline seems unfit to compare with: ${said(counts)}` : null;
}

function said({ judged, incoherent }: Pick<ArmCounts, 'judged' | 'incoherent'>): string {
  return `${incoherent} of its ${judged} judged answers are incoherent. A base model that never learned to chat answers so; is its Instruct model meant, perhaps?`;
}
