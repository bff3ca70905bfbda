import type { Clock } from '../core/log.js';

/**
 * Spreads a run over `verdict.min-minutes`: a server's bad spells are met only by a run that lasts. The blocks that the soonest
 * pass takes begin evenly over that time, and no pass comes before its end.
 */
export class Spread {
  readonly #startedAt: number;
  readonly #totalMs: number;

  constructor(
    private readonly minMinutes: number,
    /** How many blocks a pass takes at least. */
    private readonly blocks: number,
    private readonly clock: Clock,
  ) {
    this.#startedAt = clock.now();
    this.#totalMs = minMinutes * 60_000;
  }

  /** Whether it is too soon for a pass. */
  get isTooSoon(): boolean {
    return this.#elapsedMs < this.#totalMs;
  }

  /** The last block that may have begun by now. */
  get lastBlock(): number {
    return this.isTooSoon ? Math.floor(this.#elapsedMs / this.#msABlock) : Number.POSITIVE_INFINITY;
  }

  /** Until the next block may begin; null where all may. */
  get nextInMs(): number | null {
    if (!this.isTooSoon) return null;
    return Math.max(1, Math.ceil((this.lastBlock + 1) * this.#msABlock - this.#elapsedMs));
  }

  /** For the progress, where nothing else is waited for. */
  get waiting(): string | null {
    return this.isTooSoon ? `the run is spread over ${this.minMinutes} min (verdict.min-minutes)` : null;
  }

  get #elapsedMs(): number {
    return this.clock.now() - this.#startedAt;
  }

  /** The last of them begins when the time is over. */
  get #msABlock(): number {
    const blocks = Number.isFinite(this.blocks) ? this.blocks : 1;
    return this.#totalMs / Math.max(1, blocks - 1);
  }
}
