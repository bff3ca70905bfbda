import { orLeft } from '../core/grace.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { Arm } from '../models/model.js';
import type { Drawer } from './ask-and-judge.js';
import { blockOrder } from './block-order.js';
import type { Halt } from './early-stop.js';

/** A block under way: null stands for an answer that was cut off, now or in an earlier attempt. */
interface OpenBlock {
  readonly draws: readonly Promise<Drawn | null>[];
  readonly baseline: readonly Promise<Drawn | null>[];
  readonly candidate: Arrivals<Drawn | null>;
}

/** What there is to draw. */
export interface BlockShape {
  readonly items: number;
  readonly blocks: number;
  readonly seed: number;
  /** How many blocks ahead of the one that is waited for may be under way, at least 1. */
  readonly ahead: number;
  /** By item, from the answers counted so far. */
  readonly suspicions?: () => readonly number[];
}

/**
 * Starts blocks ahead of the one that is waited for, so that the servers never idle at a block's end; how much of them is
 * asked for says `LookAhead`. Keeps only what
 * nobody has taken yet: a run may draw 100,000 answers.
 */
export class Blocks {
  readonly #open = new Map<number, OpenBlock>();
  readonly #untaken = new Set<Drawn>();
  #next = 0;

  constructor(
    private readonly drawer: Pick<Drawer, 'draw'>,
    private readonly halt: Halt,
    private readonly shape: BlockShape,
    /** Hears of every answer as it is settled. */
    private readonly onSettled: (drawn: Drawn) => void = () => {},
  ) {}

  /** Starts the first blocks, for whoever has something to wait for meanwhile. */
  begin(): void {
    this.#started(0);
  }

  /** The baseline's answers of a block in battery order; null when some were cut off. */
  async baseline(block: number): Promise<readonly Drawn[] | null> {
    const drawn = await Promise.all(this.#started(block)?.baseline ?? []);
    const complete = drawn.filter((one) => one !== null);
    if (complete.length < drawn.length) return null;
    for (const one of complete) this.#untaken.delete(one);
    return complete.sort((a, b) => a.index - b.index);
  }

  /** The candidate's answers of a block as they come. */
  async *candidate(block: number): AsyncGenerator<Drawn> {
    for await (const drawn of this.#started(block)?.candidate ?? []) {
      if (drawn === null) continue;
      this.#untaken.delete(drawn);
      yield drawn;
    }
    this.#open.delete(block);
  }

  /** Waits until nothing is in flight any more. @returns what was settled and not taken */
  async drained(): Promise<readonly Drawn[]> {
    await Promise.all([...this.#open.values()].flatMap(({ draws }) => draws));
    return [...this.#untaken];
  }

  #started(block: number): OpenBlock | undefined {
    for (; this.#next <= Math.min(block + this.shape.ahead, this.shape.blocks - 1); this.#next += 1) {
      this.#open.set(this.#next, this.#start(this.#next));
    }
    return this.#open.get(block);
  }

  #start(block: number): OpenBlock {
    const { items } = this.shape;
    const arrivals = new Arrivals<Drawn | null>(items);
    const baseline = this.#startArm('baseline', block);
    const candidate = this.#startArm('candidate', block).map(async (drawing) => {
      const drawn = await drawing;
      arrivals.push(drawn);
      return drawn;
    });
    return { draws: [...baseline, ...candidate], baseline, candidate: arrivals };
  }

  #startArm(arm: Arm, block: number): Promise<Drawn | null>[] {
    const { items, seed, suspicions } = this.shape;
    const first = arm === 'candidate' ? suspicions?.() : undefined;
    return blockOrder(items, seed, block, arm, first).map((index) => this.#draw(arm, index, block));
  }

  async #draw(arm: Arm, index: number, block: number): Promise<Drawn | null> {
    try {
      const { signal } = this.halt;
      const drawn = await orLeft(this.drawer.draw(arm, index, block, signal), signal);
      if (drawn === null) return null;
      this.#untaken.add(drawn);
      this.onSettled(drawn);
      return drawn;
    } catch (error) {
      this.halt.failed(error);
      return null;
    }
  }
}

/** A fixed number of values in the order in which they come. */
export class Arrivals<T> {
  readonly #waiting: T[] = [];
  #wake: () => void = () => {};
  #left: number;

  constructor(total: number) {
    this.#left = total;
  }

  push(value: T): void {
    this.#waiting.push(value);
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (this.#left > 0) {
      if (this.#waiting.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      for (const value of this.#waiting.splice(0)) {
        this.#left -= 1;
        yield value;
      }
    }
  }
}
