interface Waiter {
  readonly enter: () => void;
}

/**
 * Lets requests of one kind in at a time, in batches that take turns: a llama.cpp server does not compute requests with
 * different adapters together, and mixing them halves its speed.
 */
export class Turns {
  readonly #waiting = new Map<string, Waiter[]>();
  #kind: string | null = null;
  #inside = 0;
  /** How many may still enter while others wait. */
  #left = 0;

  constructor(private readonly batch: number) {}

  /** Waits for the turn of its kind; to be followed by `leave`. */
  async enter(kind: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.#mayEnter(kind)) return this.#admit(kind);
    await new Promise<void>((resolve, reject) => {
      const stop = () => {
        this.#forget(kind, waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        enter: () => {
          signal?.removeEventListener('abort', stop);
          this.#admit(kind);
          resolve();
        },
      };
      signal?.addEventListener('abort', stop, { once: true });
      this.#waiting.set(kind, [...(this.#waiting.get(kind) ?? []), waiter]);
    });
  }

  leave(): void {
    this.#inside -= 1;
    if (this.#inside > 0) return;
    this.#kind = null;
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [kind, waiters] = next;
    // What does not fit into this batch queues up behind the other kinds.
    this.#waiting.delete(kind);
    const later = waiters.slice(this.batch);
    if (later.length > 0) this.#waiting.set(kind, later);
    this.#left = this.batch;
    for (const waiter of waiters.slice(0, this.batch)) waiter.enter();
  }

  #mayEnter(kind: string): boolean {
    if (this.#kind === null) {
      this.#left = this.batch;
      return true;
    }
    if (this.#kind !== kind) return false;
    return this.#waiting.size === 0 || this.#left > 0;
  }

  #admit(kind: string): void {
    this.#kind = kind;
    this.#inside += 1;
    this.#left -= 1;
  }

  #forget(kind: string, waiter: Waiter): void {
    const others = (this.#waiting.get(kind) ?? []).filter((other) => other !== waiter);
    if (others.length > 0) this.#waiting.set(kind, others);
    else this.#waiting.delete(kind);
  }
}
