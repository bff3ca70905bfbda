import { setMaxListeners } from 'node:events';
import { isKnownError, type KnownError, toKnownError } from '../core/errors.js';
import type { Reason } from '../verdict/verdict.js';
import { BASELINE_USED_UP } from './exhausted.js';

/** What ends sampling before the evidence does. The first cause counts; its signal cancels whatever is in flight. */
export class Halt {
  readonly #controller = new AbortController();
  #cause: { readonly reason: Reason } | { readonly error: KnownError } | null = null;

  constructor() {
    // Everything in flight listens to it: as many listeners as requests are no leak.
    setMaxListeners(0, this.#controller.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Why: a limit, trouble with an endpoint, an error. What was sampled is kept and reported, inconclusive. Null without a halt. */
  get stopped(): Reason | null {
    if (this.#cause === null) return null;
    if ('reason' in this.#cause) return this.#cause.reason;
    const { code, message } = this.#cause.error;
    return { code, message };
  }

  /** A wrong setting or a bug: nothing that was sampled can be a verdict. */
  get error(): KnownError | null {
    return this.#cause && 'error' in this.#cause ? this.#cause.error : null;
  }

  /** Sampling is over; nothing more is needed. */
  done(): void {
    this.#controller.abort();
  }

  because(reason: Reason): void {
    if (this.signal.aborted) return;
    this.#cause = { reason };
    this.done();
  }

  failed(thrown: unknown): void {
    if (this.signal.aborted) return;
    const error = isKnownError(thrown) ? thrown : toKnownError(thrown);
    // Nothing more of the baseline: the blocks that are complete still count, the next one never gets so far.
    if (error.code === BASELINE_USED_UP) this.#cause ??= { reason: { code: error.code, message: error.message } };
    else if (error.exitCode === 2) this.because({ code: error.code, message: error.message });
    else {
      this.#cause = { error };
      this.done();
    }
  }
}
