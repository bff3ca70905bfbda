import type { Logger } from '../core/log.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { Arm, MissingReason } from '../models/model.js';
import type { VerdictEngine } from '../verdict/engine.js';
import { mostUnjudged } from '../verdict/guards/answer-rates.js';
import { percent, unjudgedPromise } from '../verdict/reason-wording.js';
import type { VerdictSettings } from '../verdict/verdict.js';

const CAUSES: Readonly<Record<MissingReason, string>> = {
  transport: 'no reply',
  'no-answer': 'no answer in the reply',
  'filtered-prompt': 'blocked by a filter',
  'filtered-output': 'blocked by a filter',
  'judge-transport': 'no reply of the judge',
  'judge-filtered': 'blocked at the judge',
  'judge-refused': 'declined by the judge',
  'judge-malformed': 'malformed judgement',
  'no-scores': 'no score recorded',
};

const ARMS = ['candidate', 'baseline'] as const;

/**
 * Says so once it is certain that too many answers go unjudged for a pass, whatever comes: the rest of such a run is paid for a
 * fail alone, and its user may want to mend the cause and begin anew.
 */
export class UnjudgedNotice {
  readonly #answers: Record<Arm, number> = { candidate: 0, baseline: 0 };
  readonly #lost: Record<Arm, Map<string, number>> = { candidate: new Map(), baseline: new Map() };
  /** Something was lost since the last look. */
  #changed = false;
  #said = false;

  constructor(
    private readonly engine: Pick<VerdictEngine, 'summary'>,
    private readonly settings: Pick<VerdictSettings, 'maxUnjudged'>,
    private readonly log: Pick<Logger, 'notice'> | undefined,
  ) {}

  add(drawn: readonly Drawn[]): void {
    for (const { arm, outcome } of drawn) {
      this.#answers[arm] += 1;
      if (outcome.kind === 'judged') continue;
      this.#changed = true;
      const cause = CAUSES[outcome.reason];
      this.#lost[arm].set(cause, (this.#lost[arm].get(cause) ?? 0) + 1);
    }
  }

  /** @param most how many answers of an arm there can be; absent where all there are were added */
  check(most?: number): void {
    if (this.#said || !this.#changed) return;
    this.#changed = false;
    const { margin } = this.engine.summary();
    const limit = mostUnjudged(this.settings, { margin });
    if (!ARMS.some((arm) => this.#lostOf(arm) > limit * (most ?? this.#answers[arm]))) return;
    this.#said = true;
    this.log?.notice(this.#words(limit, margin, most !== undefined));
  }

  #words(limit: number, margin: number, goesOn: boolean): string {
    const found = ARMS.map((arm) => `${this.#shareOf(arm)} of the ${arm}'s answers${this.#causesOf(arm)}`).join(
      ' and ',
    );
    const worst = Math.max(...ARMS.map((arm) => this.#lostOf(arm) / Math.max(1, this.#answers[arm])));
    const next = goesOn ? ' The run goes on, since a fail is still possible.' : '';
    return (
      `No pass can come of this run: ${found} are unjudged, and at most ${percent(limit)} may be in the end (verdict.max-unjudged).` +
      `${next} ${unjudgedPromise(worst, margin)}`
    );
  }

  #lostOf(arm: Arm): number {
    return [...this.#lost[arm].values()].reduce((sum, count) => sum + count, 0);
  }

  #shareOf(arm: Arm): string {
    return percent(this.#lostOf(arm) / Math.max(1, this.#answers[arm]));
  }

  #causesOf(arm: Arm): string {
    const causes = [...this.#lost[arm]].sort(([, a], [, b]) => b - a).map(([cause, count]) => `${cause}: ${count}`);
    return causes.length === 0 ? '' : ` (${causes.join(', ')})`;
  }
}
