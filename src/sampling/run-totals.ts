import type { JudgeThresholds } from '../judge/judge.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { Arm, MissingReason } from '../models/model.js';
import type { Excerpt } from '../report/report.js';
import { Tracks } from './arm-measurements.js';
import { WorstAnswers } from './worst-answers.js';

export type MissingCounts = Readonly<Partial<Record<MissingReason, number>>>;

/** What the report needs of all answers. The answers themselves are on disk (answers.jsonl), never all in memory. */
export class Harvest {
  readonly #answers: Record<Arm, number> = { candidate: 0, baseline: 0 };
  #judged = 0;
  readonly #missing: Record<Arm, Partial<Record<MissingReason, number>>> = { candidate: {}, baseline: {} };
  readonly #worst: WorstAnswers;
  /** For comparisons with later runs. */
  readonly tracks: Tracks;

  /** @param excerpts how many of the worst answers are kept */
  constructor(thresholds: JudgeThresholds, excerpts: number) {
    this.#worst = new WorstAnswers(thresholds, excerpts);
    this.tracks = new Tracks(thresholds);
  }

  add(drawn: Drawn): void {
    const { arm, outcome } = drawn;
    this.#answers[arm] += 1;
    if (outcome.kind === 'missing') {
      this.#missing[arm][outcome.reason] = (this.#missing[arm][outcome.reason] ?? 0) + 1;
    } else this.#judged += 1;
    this.#worst.add(drawn);
    this.tracks.add(drawn);
  }

  /** Settled answers, those that the decision did without included. */
  get answers(): Readonly<Record<Arm, number>> {
    return this.#answers;
  }

  /** Of both models. */
  get judged(): number {
    return this.#judged;
  }

  get missing(): Readonly<Record<Arm, MissingCounts>> {
    return this.#missing;
  }

  get worst(): readonly Excerpt[] {
    return this.#worst.excerpts;
  }
}
