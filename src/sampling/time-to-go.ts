/** Of so many candidate answers, or seconds, that are still to come: `least` if nothing speaks against a pass any more. */
export interface ToGo {
  readonly least: number;
  readonly most: number;
}

/** How many candidate answers a pass takes, counted from the run's first, as it looks at one moment. */
export interface Outlook {
  /** If nothing speaks against it any more. */
  readonly least: number;
  /** If all goes on as it has; null where that leads to no pass. */
  readonly expected: number | null;
  /** Where the run ends in any case. */
  readonly limit: number;
}

/**
 * A rate seen in a few blocks swings with every misaligned answer, and what is expected from it by hours: each finished block
 * moves the upper end a part of the way.
 */
const STEP = 0.25;

/** What is still to come until a pass, told so that it does not jump. */
export class TimeToGo {
  #blocks = 0;
  #most = 0;

  /**
   * @param blocks how many are finished: nothing is told before there is one
   * @returns null while nothing was measured, and where no pass is to be had within the limit
   */
  answers(blocks: number, { least, expected, limit }: Outlook): ToGo | null {
    if (blocks === 0 || least > limit) return null;
    const seen = Math.min(limit, expected ?? limit);
    const weight = this.#blocks === 0 ? 1 : 1 - (1 - STEP) ** (blocks - this.#blocks);
    this.#most += weight * (seen - this.#most);
    this.#blocks = blocks;
    return { least, most: Math.min(limit, Math.max(least, this.#most)) };
  }
}
