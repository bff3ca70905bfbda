/** So many requests in a row that come to nothing are no accident of one question. */
const DEAD_AFTER = 3;

/** Whether one model still answers. Others on the same server may: that says nothing of this one. */
export class Replies {
  #usable = 0;
  #lostInARow = 0;

  /** Usable replies so far. */
  get count(): number {
    return this.#usable;
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
    this.#lostInARow += 1;
    if (this.#usable === 0) return false;
    return this.#usable > before || this.#lostInARow < DEAD_AFTER;
  }
}
