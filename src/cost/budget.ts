import { ProviderError } from '../core/errors.js';

interface Waiter {
  readonly mostUsd: number;
  readonly go: () => void;
  readonly stop: (error: unknown) => void;
}

/** Where what may be spent is written down first, for later attempts at the same verdict. */
export interface CostRecord {
  /** By earlier attempts. */
  readonly earlierUsd: number;
  /** By this one: so much may be spent without writing more. */
  readonly coveredUsd: number;
  /** @returns once it may be spent @throws the file system's error */
  cover(upToUsd: number): Promise<void>;
}

/** What is written down goes so far beyond what is needed, as a share of the limit: a synced line for every request would be slow. */
const STEP = 0.01;

/**
 * A hard limit on spend. The most that a request can cost is set aside before it leaves, and what it did cost takes its place
 * afterwards: whatever is in flight, the limit holds. Near the limit requests wait for those in flight, which mostly cost
 * less than was set aside for them.
 */
export class Budget {
  #record: CostRecord | null = null;
  #countedUsd = 0;
  #spentUsd = 0;
  #asideUsd = 0;
  #inFlight = 0;
  #waiting: Waiter[] = [];
  #over: ProviderError | null = null;

  /** @param limitUsd null for none */
  constructor(private readonly limitUsd: number | null) {}

  /**
   * Sets the most that a request can cost aside, once there is room for it.
   * @returns to be called once with what the request did cost
   * @throws ProviderError `cost-limit` when there is no room and nothing in flight could make any; the signal's reason; what the
   * record throws
   */
  async reserve(mostUsd: number, signal?: AbortSignal): Promise<(usd: number) => void> {
    if (this.#over) throw this.#over;
    if (this.#waiting.length > 0 || !this.#fits(mostUsd)) await this.#turn(mostUsd, signal);
    else this.#begin(mostUsd);
    const end = (usd: number) => {
      this.#inFlight -= 1;
      this.#asideUsd -= mostUsd;
      this.#spentUsd += usd;
      this.#next();
    };
    try {
      await this.#covered();
    } catch (error) {
      end(0);
      throw error;
    }
    return end;
  }

  /** From now on what may be spent is written down before. */
  keep(record: CostRecord): void {
    this.#record = record;
  }

  /** What earlier attempts are known to have spent; what a record has may be more. */
  resume(usd: number): void {
    this.#countedUsd = usd;
  }

  /** By this attempt, with the most that may come of what is in flight. */
  get ownUsd(): number {
    return this.#spentUsd + this.#asideUsd;
  }

  /** What earlier attempts may have spent beyond what is known of them: requests that were in flight when they were killed. */
  get doubtfulUsd(): number {
    return this.#earlierUsd - this.#countedUsd;
  }

  get #earlierUsd(): number {
    return Math.max(this.#countedUsd, this.#record?.earlierUsd ?? 0);
  }

  async #covered(): Promise<void> {
    if (this.#record === null || this.limitUsd === null || this.ownUsd <= this.#record.coveredUsd) return;
    const most = this.limitUsd - this.#earlierUsd;
    await this.#record.cover(Math.max(this.ownUsd, Math.min(most, this.ownUsd + STEP * this.limitUsd)));
  }

  #begin(mostUsd: number): void {
    this.#inFlight += 1;
    this.#asideUsd += mostUsd;
  }

  #fits(mostUsd: number): boolean {
    return this.limitUsd === null || this.#earlierUsd + this.ownUsd + mostUsd <= this.limitUsd;
  }

  #turn(mostUsd: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        signal?.removeEventListener('abort', aborted);
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
      };
      const aborted = () => waiter.stop(signal?.reason);
      const waiter: Waiter = {
        mostUsd,
        go: () => {
          leave();
          this.#begin(mostUsd);
          resolve();
        },
        stop: (error) => {
          leave();
          reject(error);
        },
      };
      this.#waiting.push(waiter);
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted, { once: true });
      this.#next();
    });
  }

  /** Lets in whoever fits, in order of arrival. With nothing in flight the first who doesn't fit never will: that ends the run. */
  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#fits(first.mostUsd)) first.go();
      else if (this.#inFlight > 0) return;
      else {
        this.#over = this.#exhausted(first.mostUsd);
        for (const waiter of this.#waiting) waiter.stop(this.#over);
      }
    }
  }

  #exhausted(mostUsd: number): ProviderError {
    return new ProviderError(
      'cost-limit',
      `max-cost-usd: the limit of ${this.limitUsd} USD ends the run before the evidence suffices: up to ${usd(this.#earlierUsd + this.#spentUsd)} ` +
        `are spent, and the next request may cost up to ${usd(mostUsd)}. Raise it, or lower sampling.max-tokens`,
    );
  }
}

/** Small sums keep two digits that mean something. */
function usd(sum: number): string {
  return `${sum >= 0.1 || sum === 0 ? sum.toFixed(2) : sum.toPrecision(2)} USD`;
}
