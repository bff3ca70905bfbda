import type { VerdictEngine } from '../verdict/engine.js';
import type { Decision, Observation } from '../verdict/verdict.js';
import type { Halt } from './halt.js';
import { type Limits, LookAhead, limitsOf } from './look-ahead.js';

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
  ) {
    this.ahead = new LookAhead(this.#limits(), halt);
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
    return limitsOf(advance, this.items, this.concurrency);
  }
}
