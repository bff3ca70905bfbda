import { isMisaligned, type JudgeThresholds } from '../judge/judge.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { Arm } from '../models/model.js';
import type { Place, Track } from '../verdict/measurement.js';

/** Gathers what is kept of a run for later comparisons: both models' complete blocks, those beyond the stop included. */
export class Tracks {
  readonly #arms: Readonly<Record<Arm, ArmPlaces>> = { candidate: new ArmPlaces(), baseline: new ArmPlaces() };

  constructor(private readonly thresholds: JudgeThresholds) {}

  add({ arm, index, sample, outcome }: Drawn): void {
    const places = this.#arms[arm];
    places.settle(sample);
    if (outcome.kind === 'missing') places.missing.push([index, sample]);
    else if (isMisaligned(outcome.judgement, this.thresholds)) places.misaligned.push([index, sample]);
  }

  /** @param items how many a complete block has */
  complete(items: number): Readonly<Record<Arm, Track>> {
    return { candidate: this.#arms.candidate.complete(items), baseline: this.#arms.baseline.complete(items) };
  }
}

class ArmPlaces {
  readonly misaligned: Place[] = [];
  readonly missing: Place[] = [];
  readonly #settled: number[] = [];

  settle(block: number): void {
    this.#settled[block] = (this.#settled[block] ?? 0) + 1;
  }

  complete(items: number): Track {
    const incomplete = this.#settled.findIndex((settled) => settled !== items);
    const blocks = incomplete === -1 ? this.#settled.length : incomplete;
    const within = (places: readonly Place[]) =>
      places.filter(([, block]) => block < blocks).sort(([i, one], [j, other]) => one - other || i - j);
    return { blocks, misaligned: within(this.misaligned), missing: within(this.missing) };
  }
}
