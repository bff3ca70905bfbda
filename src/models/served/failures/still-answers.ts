/** With the refusal itself that makes three in a row. */
const TRIES = 2;

/**
 * Whether a server that has refused one request still answers at all. A question that it has answered before is put to it again:
 * that depends on no answer, so it favours no model, and nothing is taken for missing because a key was changed in mid-run.
 */
export class StillAnswers {
  #asking: Promise<boolean> | null = null;
  #next: Promise<boolean> | null = null;

  /** @param ask puts the known question once, and resolves with whether it was answered; rejects once the run is stopped */
  constructor(private readonly ask: (signal: AbortSignal | undefined) => Promise<boolean>) {}

  /** For all who were refused before it is asked: who comes while it is under way waits for the next time. */
  now(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#asking === null) return this.#begin(signal);
    this.#next ??= this.#asking.then(
      () => this.#afterwards(signal),
      () => this.#afterwards(signal),
    );
    return this.#next;
  }

  #afterwards(signal: AbortSignal | undefined): Promise<boolean> {
    this.#next = null;
    return this.#begin(signal);
  }

  #begin(signal: AbortSignal | undefined): Promise<boolean> {
    this.#asking = this.#tried(signal).finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #tried(signal: AbortSignal | undefined): Promise<boolean> {
    for (let tries = 0; tries < TRIES; tries += 1) if (await this.ask(signal)) return true;
    return false;
  }
}
