import { logEPass } from './e-process.js';
import { countsOf, type Differences } from './ledger.js';
import type { Level } from './levels.js';

/**
 * What was ever shown to lie below the margin stays shown (Ville's inequality covers the whole path). Since an
 * automatic margin moves, each level keeps the smallest of the possible margins that it was shown to lie below.
 */
export class Latches {
  readonly #levels: readonly Level[];
  readonly #margins: readonly number[];
  readonly #boundary: (level: Level, batteryMargin: number) => number;
  /** Per level: how many of the margins, from the largest down, it was not yet shown to lie below. */
  readonly #open: number[];

  /**
   * @param margins the values that the battery's margin can take, ascending
   * @param boundary where PASS tests a level, given the battery's margin
   */
  constructor(
    levels: readonly Level[],
    margins: readonly number[],
    boundary: (level: Level, batteryMargin: number) => number,
  ) {
    this.#levels = levels;
    this.#margins = margins;
    this.#boundary = boundary;
    this.#open = levels.map(() => margins.length);
  }

  /** To be called at each block end. */
  update(pass: Differences, beta: number): void {
    this.#levels.forEach((level, i) => {
      const counts = countsOf(pass, level.items);
      let next = this.#margins[(this.#open[i] ?? 0) - 1];
      while (next !== undefined && logEPass(counts, this.#boundary(level, next)) >= Math.log(1 / beta)) {
        this.#open[i] = (this.#open[i] ?? 0) - 1;
        next = this.#margins[(this.#open[i] ?? 0) - 1];
      }
    });
  }

  /** Whether the level (by its place) was shown to lie below what `batteryMargin` allows it. */
  shown(place: number, batteryMargin: number): boolean {
    const smallest = this.#margins[this.#open[place] ?? this.#margins.length];
    return smallest !== undefined && smallest <= batteryMargin;
  }
}
