import { type Activity, UNWATCHED } from '../core/activity.js';
import type { Arm } from '../models/model.js';
import type { VerdictEngine } from '../verdict/engine.js';
import type { Reach } from '../verdict/outlook.js';
import type { Decision, Observation } from '../verdict/verdict.js';
import type { Halt } from './early-stop.js';
import type { Spread } from './spread.js';

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

/** As many blocks as hold what may be out at a time: a small battery needs several. */
export function blocksAhead(items: number, concurrency: number): number {
  return Math.max(1, Math.ceil((2 * concurrency) / items));
}

/** Hands answers to the engine, and lets drawing run ahead as far as the evidence then allows. */
export class Pace {
  readonly ahead: LookAhead;
  #opened = 0;
  #counted = 0;

  constructor(
    readonly engine: VerdictEngine,
    halt: Halt,
    private readonly items: number,
    private readonly concurrency: number,
    /** Null where it may be over as soon as it can. */
    readonly spread: Spread | null = null,
    private readonly activity: Activity = UNWATCHED,
  ) {
    this.ahead = new LookAhead(this.#limits(), halt);
    if (spread) this.#goOnInTime(spread, halt);
  }

  /** Lets a block begin when its time has come, though no answer came meanwhile. */
  #goOnInTime(spread: Spread, halt: Halt): void {
    const { nextInMs } = spread;
    if (nextInMs === null || halt.signal.aborted) return;
    const ended = this.activity.begun('time between blocks (verdict.min-minutes)', nextInMs);
    const timer = setTimeout(() => {
      ended();
      this.ahead.allow(this.#limits());
      this.#goOnInTime(spread, halt);
    }, nextInMs);
    halt.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  }

  openBlock(baseline: readonly Observation[]): void {
    this.engine.openBlock(baseline);
    this.#opened += 1;
    this.ahead.allow(this.#limits());
  }

  /** @returns the decision once it is reached */
  record(index: number, observation: Observation): Decision | undefined {
    const decision = this.engine.record(index, observation);
    this.#counted += 1;
    if (decision === undefined) this.ahead.allow(this.#limits());
    return decision;
  }

  #limits(): Limits {
    const advance = { opened: this.#opened, counted: this.#counted, reach: this.engine.reach() };
    const limits = limitsOf(advance, this.items, this.concurrency);
    return { ...limits, lastBlock: Math.min(limits.lastBlock, this.spread?.lastBlock ?? limits.lastBlock) };
  }
}
