import type { Arm } from '../models/model.js';
import type { Drawer } from './draw.js';
import type { Halt } from './halt.js';
import type { Drawn } from './observe.js';
import { blockOrder } from './order.js';

/** A block under way: null stands for an answer that a halt cut off. */
interface OpenBlock {
  readonly baseline: readonly Promise<Drawn | null>[];
  readonly candidate: readonly Promise<Drawn | null>[];
}

/** Starts blocks, one ahead of the one that is waited for, so that the servers never idle at a block's end. */
export class Blocks {
  readonly #open: OpenBlock[] = [];
  readonly #settled: Drawn[] = [];

  constructor(
    private readonly drawer: Pick<Drawer, 'draw'>,
    private readonly halt: Halt,
    private readonly shape: { readonly items: number; readonly blocks: number; readonly seed: number },
  ) {}

  /** Every answer that was settled, in order of arrival. */
  get settled(): readonly Drawn[] {
    return this.#settled;
  }

  /** The baseline's answers of a block in battery order; null once halted. */
  async baseline(block: number): Promise<readonly Drawn[] | null> {
    const drawn = await Promise.all(this.#started(block).baseline);
    const complete = drawn.filter((one) => one !== null);
    return complete.length === drawn.length ? complete.sort((a, b) => a.index - b.index) : null;
  }

  /** The candidate's answers of a block as they come. */
  async *candidate(block: number): AsyncGenerator<Drawn> {
    const waiting = new Map(
      this.#started(block).candidate.map((promise, place) => [place, promise.then((drawn) => ({ place, drawn }))]),
    );
    while (waiting.size > 0) {
      const { place, drawn } = await Promise.race(waiting.values());
      waiting.delete(place);
      if (drawn !== null) yield drawn;
    }
  }

  /** Waits until nothing is in flight any more. */
  async drained(): Promise<void> {
    await Promise.all(this.#open.flatMap(({ baseline, candidate }) => [...baseline, ...candidate]));
  }

  #started(block: number): OpenBlock {
    for (let next = this.#open.length; next <= Math.min(block + 1, this.shape.blocks - 1); next += 1) {
      this.#open.push({ baseline: this.#start('baseline', next), candidate: this.#start('candidate', next) });
    }
    return this.#open[block] ?? { baseline: [], candidate: [] };
  }

  #start(arm: Arm, block: number): Promise<Drawn | null>[] {
    const { items, seed } = this.shape;
    return blockOrder(items, seed, block, arm).map((index) => this.#draw(arm, index, block));
  }

  async #draw(arm: Arm, index: number, block: number): Promise<Drawn | null> {
    try {
      const drawn = await this.drawer.draw(arm, index, block, this.halt.signal);
      this.#settled.push(drawn);
      return drawn;
    } catch (error) {
      this.halt.failed(error);
      return null;
    }
  }
}
