import type { Arm } from '../models/model.js';
import type { Reach } from '../verdict/outlook.js';
import type { Halt } from './halt.js';

/** Which draws may start. */
export interface Limits {
  /** How many of each arm in all. */
  readonly most: Readonly<Record<Arm, number>>;
  /** None of a later block. */
  readonly lastBlock: number;
}

/** How far a run has come. */
export interface Advance {
  /** Blocks whose baseline was complete. */
  readonly opened: number;
  /** Candidate answers that the engine took. */
  readonly counted: number;
  readonly reach: Reach;
}

/** From so many answers on a verdict may waste a share of them, below it as many as may be in flight. */
const MANY = 600;
const WASTE = 0.05;

/** Fewer misaligned answers than this may come in a row by chance. */
const FEW_HITS = 4;
/** Four times as many as are to be expected come with a probability of 2 % at most (Poisson with mean 1; less for larger ones). */
const SURPRISE = 4;

/**
 * How far drawing may run ahead of what counts. Whatever the verdict does without is wasted, so:
 * nothing starts of a block that a pass may come before; and of the candidate no more answers are out than
 * may be wasted on a fail, but for twice as many (its server's queue and the judge's both full) while a fail is far.
 */
export function limitsOf({ opened, counted, reach }: Advance, items: number, concurrency: number): Limits {
  const ahead = window(counted, concurrency, reach);
  return {
    most: {
      candidate: counted + ahead,
      baseline: counted + items + Math.max(concurrency, ahead),
    },
    // A pass shown already waits for guards only: then block by block.
    lastBlock: Math.max(counted < opened * items ? opened : opened + 1, reach.blocksToPass) - 1,
  };
}

function window(counted: number, concurrency: number, { hitsToFail, hitRate }: Reach): number {
  const both = 2 * concurrency;
  if (hitsToFail >= FEW_HITS && SURPRISE * hitRate * both <= hitsToFail) return both;
  // The next answer may be the last, whichever side of the line it falls on.
  const share = Math.floor(WASTE * (counted + 1));
  if (counted + 1 >= MANY) return Math.max(1, Math.min(both, share));
  return Math.min(concurrency, Math.floor((1 + WASTE) * MANY) - counted);
}

/** Lets draws start in the order in which they ask, as far as the limits allow. */
export class LookAhead {
  readonly #waiting: Record<Arm, { readonly block: number; readonly go: () => void }[]> = {
    candidate: [],
    baseline: [],
  };
  readonly #started: Record<Arm, number> = { candidate: 0, baseline: 0 };
  #limits: Limits;

  /** @param halt once it is over nothing waits any more, whatever is allowed later: what is let go then is refused elsewhere */
  constructor(
    limits: Limits,
    private readonly halt: Pick<Halt, 'signal'>,
  ) {
    this.#limits = limits;
    halt.signal.addEventListener('abort', () => this.#releaseAll());
  }

  allow(limits: Limits): void {
    this.#limits = limits;
    this.#releaseAll();
  }

  /** An answer that need not be asked for: it counts as one that was. */
  known(arm: Arm): void {
    this.#started[arm] += 1;
  }

  /** @returns what to wait for; null when the draw may start at once */
  admit(arm: Arm, block: number): Promise<void> | null {
    if (this.#waiting[arm].length === 0 && this.#isFree(arm, block)) {
      this.#started[arm] += 1;
      return null;
    }
    return new Promise((go) => {
      this.#waiting[arm].push({ block, go });
    });
  }

  #releaseAll(): void {
    for (const arm of ['baseline', 'candidate'] as const) this.#release(arm);
  }

  #release(arm: Arm): void {
    const waiting = this.#waiting[arm];
    let free = 0;
    for (; free < waiting.length && this.#isFree(arm, waiting[free]?.block ?? 0); free += 1) {
      this.#started[arm] += 1;
      waiting[free]?.go();
    }
    waiting.splice(0, free);
  }

  #isFree(arm: Arm, block: number): boolean {
    if (this.halt.signal.aborted) return true;
    return this.#started[arm] < this.#limits.most[arm] && block <= this.#limits.lastBlock;
  }
}
