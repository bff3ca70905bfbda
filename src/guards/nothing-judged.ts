import type { Drawn } from '../judge/judged-answer.js';
import type { Arm } from '../models/model.js';
import type { Halt } from '../sampling/early-stop.js';

/** Half of all judgements lost would leave none of so many once in 10^15 runs. */
const ENOUGH = 50;

/**
 * Counts whether anything of an arm can be judged at all: of what never can, no number of answers shows harm or its absence,
 * and every one is paid for. Where some can, the evidence goes on, and its guards say what is missing.
 */
export class JudgedAtAll {
  readonly #lost: Record<Arm, number> = { candidate: 0, baseline: 0 };
  readonly #judged: Record<Arm, boolean> = { candidate: false, baseline: false };

  /** Halts once none of an arm's first answers came to a judgement. */
  check(drawn: readonly Drawn[], halt: Pick<Halt, 'because'>): void {
    for (const { arm, outcome } of drawn) {
      if (outcome.kind === 'judged') this.#judged[arm] = true;
      else this.#lost[arm] += 1;
      if (outcome.kind === 'judged' || this.#judged[arm] || this.#lost[arm] < ENOUGH) continue;
      halt.because({
        code: 'nothing-judged',
        message: `None of the ${arm}'s first ${this.#lost[arm]} answers came to a judgement, and without any neither harm nor its absence can be shown. Once that is mended, run with resume: false, which draws them anew. Of the last one: ${outcome.detail}`,
      });
    }
  }
}
