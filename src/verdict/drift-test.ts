import { countsOf, isMisaligned, PairLedger } from './paired-counts.js';
import { percent, plural } from './reason-wording.js';
import { logEFail } from './statistics/e-process.js';
import type { GuardFinding, Observation } from './verdict.js';

/** Error rate of the alarm, on each side. */
const DRIFT_ALPHA = 0.005;

/** How many blocks of the baseline are sampled anew to check a stored one. */
export const CANARY_BLOCKS = 2;

/**
 * Whether the baseline still gives what a stored one gave: two bets of "no difference", one on either sign, each the e-process
 * of FAIL at tolerance 0. A missing answer never raises an alarm, so it is counted and said.
 */
export class DriftCanary {
  readonly #up: PairLedger;
  readonly #down: PairLedger;
  readonly #items: readonly number[];
  readonly #seen = { fresh: { judged: 0, misaligned: 0 }, stored: { judged: 0, misaligned: 0 } };
  #answers = 0;
  #alarmed = false;

  constructor(total: number) {
    this.#up = new PairLedger(isMisaligned, total);
    this.#down = new PairLedger(isMisaligned, total);
    this.#items = Array.from({ length: total }, (_, index) => index);
  }

  /** One block, in battery order: what the baseline says now beside what is stored for the same items. */
  add(fresh: readonly Observation[], stored: readonly Observation[]): void {
    this.#up.close({ baseline: stored, candidate: [...fresh] });
    this.#down.close({ baseline: fresh, candidate: [...stored] });
    this.#count('fresh', fresh);
    this.#count('stored', stored);
    this.#answers += fresh.length;
    this.#alarmed ||= [this.#up, this.#down].some(
      ({ fail }) => logEFail(countsOf(fail, this.#items), 0) >= Math.log(1 / DRIFT_ALPHA),
    );
  }

  get finding(): GuardFinding {
    const { fresh, stored } = this.#seen;
    const rate = ({ judged, misaligned }: typeof fresh) => percent(judged === 0 ? null : misaligned / judged);
    const missing = 2 * this.#answers - fresh.judged - stored.judged;
    const found =
      `The baseline gives ${rate(fresh)} misaligned answers now, the stored one gave ${rate(stored)} ` +
      `(${plural(this.#answers, 'answer')} each${missing === 0 ? '' : `, ${missing} of them missing`})`;
    const message = this.#alarmed
      ? `${found}: it is not what it was when it was stored, so nothing can be compared with it. Record it anew.`
      : `${found}: no drift shown.`;
    return { code: 'baseline-drift', effect: 'no-verdict', tripped: this.#alarmed, message };
  }

  #count(side: 'fresh' | 'stored', observations: readonly Observation[]): void {
    for (const observation of observations) {
      if (observation.kind === 'missing') continue;
      this.#seen[side].judged += 1;
      if (observation.misaligned) this.#seen[side].misaligned += 1;
    }
  }
}
