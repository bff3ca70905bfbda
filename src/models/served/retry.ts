import pRetry from 'p-retry';
import type { Fault } from './failures/fault-counts.js';
import { WireFault } from './failures/request-failure.js';

export interface RetryLimits {
  /** After the first try. What the server asks to wait for is waited for, and counts for nothing. */
  readonly maxRetries: number;
  /** Milliseconds, doubled at random from one retry to the next. */
  readonly firstPauseMs: number;
}

const LONGEST_PAUSE_MS = 8_000;

interface RetryOptions {
  readonly limits: RetryLimits;
  readonly signal: AbortSignal | undefined;
  readonly onFault: (fault: Fault) => void;
  /** Whether the endpoint has given usable replies: a reply of another kind is then an accident, and no wrong address. */
  readonly worksElsewhere: () => boolean;
}

/**
 * The one place where requests are retried: pauses with jitter, for faults that may pass.
 * @throws the last fault; the signal's reason
 */
export function retried<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { limits, signal, onFault, worksElsewhere } = options;
  return pRetry(attempt, {
    retries: limits.maxRetries,
    factor: 2,
    minTimeout: limits.firstPauseMs,
    maxTimeout: LONGEST_PAUSE_MS,
    randomize: true,
    ...(signal === undefined ? {} : { signal }),
    onFailedAttempt: ({ error }) => {
      if (error instanceof WireFault && error.fault !== 'refused') onFault(error.fault);
    },
    shouldRetry: ({ error }) => error instanceof WireFault && mayPass(error, worksElsewhere()),
    shouldConsumeRetry: ({ error }) => !(error instanceof WireFault && isWaitedOut(error)),
  });
}

function mayPass({ fault, lasts }: WireFault, worksElsewhere: boolean): boolean {
  if (fault === 'refused' || lasts) return false;
  return worksElsewhere || (fault !== 'malformed' && fault !== 'stream');
}

/** A limit on the rate is no fault of the request: the endpoint's throttle makes everybody wait. */
function isWaitedOut({ fault }: WireFault): boolean {
  return fault === 'rate-limited';
}
