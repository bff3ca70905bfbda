/** So many requests in a row that come to nothing are no accident of one question. */
const DEAD_AFTER = 3;
/** Nor is a larger share of all than this. At one in 25, so many are a larger share by chance less than once in a thousand runs. */
const MOST_LOST = 0.1;
const ENOUGH_LOST = 20;

/** Whether one model still answers. Others on the same server may: that says nothing of this one. */
export class Replies {
  #usable = 0;
  #lost = 0;
  #lostInARow = 0;

  /** Usable replies so far. */
  get count(): number {
    return this.#usable;
  }

  /** Requests that came to nothing so far. */
  get lostSoFar(): number {
    return this.#lost;
  }

  usable(): void {
    this.#usable += 1;
    this.#lostInARow = 0;
  }

  /**
   * One more request came to nothing, all retries spent.
   * @param before `count` when it began
   * @returns whether the model lives, and this one request alone is in trouble
   */
  lost(before: number): boolean {
    this.#lost += 1;
    this.#lostInARow += 1;
    if (this.#usable === 0 || this.tooMany) return false;
    return this.#usable > before || this.#lostInARow < DEAD_AFTER;
  }

  get tooMany(): boolean {
    return this.#lost >= ENOUGH_LOST && this.#lost > MOST_LOST * (this.#usable + this.#lost);
  }
}
