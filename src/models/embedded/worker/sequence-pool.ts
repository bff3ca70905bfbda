import type { LlamaContext, LlamaContextSequence } from 'node-llama-cpp';

type CreateContext = (contextSize: number) => Promise<LlamaContext>;

/** llama.cpp rounds a context up to multiples of this. */
const CONTEXT_STEP = 256;

/**
 * The sequences of a model's contexts, lent to one answer each. The contexts grow only when an answer needs more, because their
 * caches take memory by their size; for that, answers under way are waited for.
 */
export class Sequences {
  #contexts: LlamaContext[] = [];
  #size = 0;
  #free: LlamaContextSequence[] = [];
  #lent = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #returned: () => void = () => {};

  /** @param contexts how many, of as many sequences as `create` gives them */
  constructor(
    private readonly contexts: number,
    private readonly create: CreateContext,
  ) {}

  /** Runs `work` with a sequence that holds more than `tokens`. @param limit tokens that the model's context can hold */
  async use<T>(tokens: number, limit: number, work: (sequence: LlamaContextSequence) => Promise<T>): Promise<T> {
    const taken = this.#turn.then(() => this.#take(tokens, limit));
    // Whoever comes next waits for the one before, and so for a context that is being made anew.
    this.#turn = taken.catch(() => {});
    const sequence = await taken;
    try {
      return await work(sequence);
    } finally {
      this.#lent -= 1;
      this.#free.push(sequence);
      this.#returned();
    }
  }

  async dispose(): Promise<void> {
    const contexts = this.#contexts.splice(0);
    this.#free = [];
    this.#size = 0;
    await Promise.all(contexts.map((context) => context.dispose()));
  }

  async #take(tokens: number, limit: number): Promise<LlamaContextSequence> {
    if (this.#size <= tokens) await this.#grow(Math.min(limit, Math.ceil((tokens + 1) / CONTEXT_STEP) * CONTEXT_STEP));
    for (;;) {
      const sequence = this.#free.pop();
      if (sequence !== undefined) {
        this.#lent += 1;
        return sequence;
      }
      await this.#oneReturned();
    }
  }

  async #grow(size: number): Promise<void> {
    while (this.#lent > 0) await this.#oneReturned();
    await this.dispose();
    while (this.#contexts.length < this.contexts) {
      const context = await this.create(size);
      this.#contexts.push(context);
      this.#free.push(...Array.from({ length: context.totalSequences }, () => context.getSequence()));
    }
    // Last: a context that can't be had leaves a size of none, and whoever comes next tries again.
    this.#size = size;
  }

  #oneReturned(): Promise<void> {
    return new Promise((resolve) => {
      this.#returned = resolve;
    });
  }
}
