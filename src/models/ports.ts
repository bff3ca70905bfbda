import type { Logger } from '../log.js';
import type { FaultCounts } from './faults.js';
import type { Throttles } from './limits/throttle.js';
import type { Role } from './model.js';

export type { Role } from './model.js';

/** Counts every request that leaves for a server, retries and preflights included. */
export interface RequestCounter {
  sent(role: Role): void;
}

/** What models and judges need of the outside. */
export interface ModelPorts {
  readonly log: Logger;
  readonly requests: RequestCounter;
  /** How fast each endpoint may be asked, shared by all roles. */
  readonly throttles: Throttles;
  readonly faults: FaultCounts;
  /** Where proxies and cache folders are looked up: `process.env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called when a model first needs node-llama-cpp: gives the folder whose `node_modules` holds it. Default: found by Node. */
  readonly llamaFolder?: () => Promise<string>;
}
