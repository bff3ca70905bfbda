import type { Price } from '../config/settings.js';
import type { Clock } from '../core/log.js';
import type { TokenUsage } from '../models/model.js';
import type { MostTokens } from '../models/request-budget.js';

const NONE: TokenUsage = { promptTokens: 0, completionTokens: 0 };

/** Requests, tokens and busy time of one role. */
export class RoleMeter {
  #requests = 0;
  #uncounted = 0;
  #tokens = NONE;
  #beyond = { promptTokens: 0, completionTokens: 0 };
  /** Of these, what earlier attempts took: the clock did not run for them. */
  #earlier = NONE;
  #reads = false;
  #inFlight = 0;
  #busySince = 0;
  #busyMs = 0;

  /** @param price `free` where nothing is sent, null where it is unknown */
  constructor(
    private readonly price: Price | 'free' | null,
    private readonly clock: Clock,
  ) {}

  sent(count = 1): void {
    this.#requests += count;
  }

  begun(): void {
    if (this.#inFlight === 0) this.#busySince = this.clock.now();
    this.#inFlight += 1;
  }

  ended(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#busyMs += this.clock.now() - this.#busySince;
  }

  /** Once a server leaves out its counts, the sum is unknown. */
  used({ promptTokens, completionTokens }: TokenUsage): void {
    this.#tokens = {
      promptTokens: plus(this.#tokens.promptTokens, promptTokens),
      completionTokens: plus(this.#tokens.completionTokens, completionTokens),
    };
  }

  /** The most that the next request can take: as far beyond its limits as this server has gone before. */
  most({ promptTokens, completionTokens }: MostTokens): MostTokens {
    return {
      promptTokens: promptTokens + this.#beyond.promptTokens,
      completionTokens: completionTokens + this.#beyond.completionTokens,
    };
  }

  /** A server that keeps to no limit, or puts a prompt of its own before ours, will do so again. */
  wentTo({ promptTokens, completionTokens }: TokenUsage, most: MostTokens): void {
    this.#beyond = {
      promptTokens: Math.max(this.#beyond.promptTokens, (promptTokens ?? 0) - most.promptTokens),
      completionTokens: Math.max(this.#beyond.completionTokens, (completionTokens ?? 0) - most.completionTokens),
    };
  }

  /** What earlier attempts at the same verdict took. */
  resumed(tokens: TokenUsage): void {
    this.used(tokens);
    this.#earlier = tokens;
  }

  /** It generates nothing: its speed is that of reading. */
  onlyReads(): void {
    this.#reads = true;
  }

  /** A request whose reply never came: nobody knows whether it is billed. */
  lost(): void {
    this.#uncounted += 1;
  }

  /** USD of that many tokens; null where the price is unknown, or a count is. */
  costOf({ promptTokens, completionTokens }: TokenUsage): number | null {
    if (this.price === 'free') return 0;
    if (this.price === null || promptTokens === null || completionTokens === null) return null;
    return (promptTokens * this.price.input + completionTokens * this.price.output) / 1e6;
  }

  get requests(): number {
    return this.#requests;
  }

  get uncounted(): number {
    return this.#uncounted;
  }

  get tokens(): TokenUsage {
    return this.#tokens;
  }

  /** Null too where nothing was to be sent and something was: the price of what a report names is unknown. */
  get costUsd(): number | null {
    if (this.price === 'free' && this.#requests > 0) return null;
    return this.costOf(this.#tokens);
  }

  /** Of this attempt, while at least one request was in flight; null where nothing was generated or counted. */
  get tokensPerSecond(): number | null {
    const what = this.#reads ? 'promptTokens' : 'completionTokens';
    const [all, earlier] = [this.#tokens[what], this.#earlier[what]];
    const busyMs = this.#busyMs + (this.#inFlight === 0 ? 0 : this.clock.now() - this.#busySince);
    if (all === null || earlier === null || all === earlier || busyMs === 0) return null;
    return ((all - earlier) * 1000) / busyMs;
  }
}

export function plus(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : a + b;
}
