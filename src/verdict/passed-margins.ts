import { logEPass, type PairCounts } from './statistics/e-process.js';

/** Where PASS tests a level now, and the widest that a growing margin can make of it. */
export interface Boundary {
  readonly now: number;
  readonly most: number;
}

/** A bet against a difference of 1 has no odds. */
const LARGEST = 1 - 1e-9;

const WORTH = 0.9;
const HALVINGS = 6;
/** How near the first level's bound is found, as a difference. */
const EXACT = 1e-13;
/** From one block to the next it moves about so far. */
const FIRST_STEP = 1e-4;

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
      if (place === 0) this.#sharpen(place, counts);
      else this.#remember(place, counts, { now, most });
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

  /** The first level's bound is reported, so it is found exactly. */
  #sharpen(place: number, counts: PairCounts): void {
    const known = Math.min(this.leastUpper(place), LARGEST);
    if (!this.#refutes(counts, known)) return;
    let step = FIRST_STEP;
    while (known - step > -LARGEST && this.#refutes(counts, known - step)) step *= 2;
    const open = Math.max(-LARGEST, known - step);
    this.#improve(place, this.#leastRefuted(counts, open, known, Math.ceil(Math.log2((known - open) / EXACT))));
  }

  /**
   * What a margin that grows later may rely on. Halving is dear, with hundreds of levels at every block end: a few steps, and only
   * where the bound has come down by a good part of what lies between it and the margin of now. The end that is kept is refuted.
   */
  #remember(place: number, counts: PairCounts, { now, most }: Boundary): void {
    const known = Math.min(this.leastUpper(place), most);
    if (!this.#refutes(counts, now + WORTH * (known - now))) return;
    this.#improve(place, this.#leastRefuted(counts, now, now + WORTH * (known - now), HALVINGS));
  }

  /** By halving, between a difference that may be open and one that is refuted. */
  #leastRefuted(counts: PairCounts, from: number, to: number, halvings: number): number {
    let [open, refuted] = [from, to];
    for (let step = 0; step < halvings; step += 1) {
      const middle = (open + refuted) / 2;
      if (this.#refutes(counts, middle)) refuted = middle;
      else open = middle;
    }
    return refuted;
  }

  #refutes(counts: PairCounts, difference: number): boolean {
    return logEPass(counts, difference) >= Math.log(1 / this.#beta);
  }

  #improve(place: number, upper: number): void {
    this.#least[place] = Math.min(this.leastUpper(place), upper);
  }
}
