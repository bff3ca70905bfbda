import type { ServerWords } from './error-body.js';
import type { Fault } from './fault-counts.js';

interface Details {
  readonly cause?: unknown;
  /** Where there was a reply. */
  readonly status?: number;
  readonly words?: ServerWords;
  /** Asking again was tried, or can't help. */
  readonly lasts?: boolean;
}

/** A request that came to no usable reply. `refused`: the server understood it and does not want it. */
export class WireFault extends Error {
  readonly status: number | null;
  readonly words: ServerWords | null;
  readonly lasts: boolean;

  constructor(
    readonly fault: Fault,
    { cause, status, words, lasts = false }: Details,
  ) {
    super(words?.message ?? fault, { cause });
    this.name = 'WireFault';
    this.status = status ?? null;
    this.words = words ?? null;
    this.lasts = lasts;
  }
}

/** What a status other than success means. */
export function faultOf(status: number): Fault {
  if (status === 429) return 'rate-limited';
  if (status === 503) return 'unavailable';
  return status >= 500 || status === 408 || status === 409 ? 'server-error' : 'refused';
}
