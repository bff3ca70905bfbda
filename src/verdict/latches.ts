import { logEPass, type PairCounts } from './e-process.js';
import { upperDifference } from './intervals.js';

/** Where PASS tests a level now, and the widest that a growing margin can make of it. */
export interface Boundary {
  readonly now: number;
  readonly most: number;
}

/** A bet against a difference of 1 has no odds. */
const LARGEST = 1 - 1e-9;

/**
 * What was ever shown to lie below the margin stays shown (Ville's inequality covers the whole path). An automatic margin can
 * grow, so each level keeps the smallest upper bound that it ever had: it is shown once the margin has come to that.
 */
export class Latches {
  readonly #beta: number;
  /** Per level: every difference from here on was refuted at some block end. */
  readonly #least: number[];

  constructor(levels: number, beta: number) {
    this.#beta = beta;
    this.#least = Array(levels).fill(Number.POSITIVE_INFINITY);
  }

  /**
   * To be called at each block end.
   * @param pass the PASS counts, by level
   */
  update(pass: readonly PairCounts[], boundaries: readonly Boundary[]): void {
    pass.forEach((counts, place) => {
      const { now, most } = boundaries[place] ?? { now: -1, most: -1 };
      // A margin only grows: what is shown now needs no better bound, but for the first level, whose bound is reported.
      if (place > 0 && this.shown(place, now)) return;
      if (this.#refutes(counts, now)) this.#improve(place, now);
      if (place > 0 && (most <= now || this.shown(place, now))) return;
      // Halving is dear: only where the bound has come down, and below what may ever be asked for.
      const known = Math.min(this.leastUpper(place), place > 0 ? most : LARGEST);
      if (this.#refutes(counts, known)) this.#improve(place, upperDifference(counts, this.#beta));
    });
  }

  /** Whether the level (by its place) was ever shown to lie below `boundary`. */
  shown(place: number, boundary: number): boolean {
    return this.leastUpper(place) <= boundary;
  }

  /** The smallest upper bound at beta so far, on the judge's scale; exact for the first level. Infinity before there is any. */
  leastUpper(place: number): number {
    return this.#least[place] ?? Number.POSITIVE_INFINITY;
  }

  #refutes(counts: PairCounts, difference: number): boolean {
    return logEPass(counts, difference) >= Math.log(1 / this.#beta);
  }

  #improve(place: number, upper: number): void {
    this.#least[place] = Math.min(this.leastUpper(place), upper);
  }
}
