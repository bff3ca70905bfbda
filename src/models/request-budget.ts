import type { Activity } from '../core/activity.js';
import type { Logger } from '../core/log.js';
import type { Role, TokenUsage } from './model.js';
import type { FaultCounts } from './served/failures/fault-counts.js';
import type { Throttles } from './served/rate-limit/limiter.js';

export type { Role } from './model.js';

/** The most tokens that a request can take, known before it leaves. */
export interface MostTokens {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/** What became of a request: one of these is called, once. */
export interface Billing {
  /** With the server's own counts. */
  replied(usage: TokenUsage): void;
  /** The server did not do the work, or was never reached. */
  refused(): void;
  /** No reply of the model came; the work may have been done all the same. */
  lost(): void;
}

/** Counts every request that leaves for a server, retries and preflights included, and what it takes. */
export interface RequestCounter {
  sent(role: Role): void;
  /**
   * Waits until the budget has room for the most that a request can cost.
   * @throws ProviderError `cost-limit` when it never will; the signal's reason
   */
  bill(role: Role, most: MostTokens, signal?: AbortSignal): Promise<Billing>;
  /** A model that no server runs begins to answer. @returns to be called with what it took; null when nothing came */
  generating(role: Role): (usage: TokenUsage | null) => void;
  /** The same, of a model that reads and writes nothing: the embedded judge. */
  reading(role: Role): (usage: TokenUsage | null) => void;
}

/** What models and judges need of the outside. */
export interface ModelPorts {
  readonly log: Logger;
  readonly activity: Activity;
  readonly requests: RequestCounter;
  /** How fast each endpoint may be asked, shared by all roles. */
  readonly throttles: Throttles;
  readonly faults: FaultCounts;
  /** Where proxies and cache folders are looked up: `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called when a model first needs node-llama-cpp: gives the folder whose `node_modules` holds it. Default: found by Node. */
  readonly llamaFolder?: () => Promise<string>;
}
