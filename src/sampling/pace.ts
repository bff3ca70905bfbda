import { type Activity, UNWATCHED } from '../models/activity.js';
import type { VerdictEngine } from '../verdict/engine.js';
import type { Decision, Observation } from '../verdict/verdict.js';
import type { Halt } from './halt.js';
import { type Limits, LookAhead, limitsOf } from './look-ahead.js';
import type { Spread } from './spread.js';

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
