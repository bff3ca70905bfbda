import { setMaxListeners } from 'node:events';
import { ProviderError } from '../errors.js';
import type { Reason } from '../verdict/verdict.js';
import type { Halt } from './halt.js';

/** The end of the run's time, or somebody's wish to end it: from the first preflight to the last judgement. */
export interface Deadline {
  /** Aborts whatever is in flight. */
  readonly signal: AbortSignal;
  /** Null until then. */
  readonly reason: Reason | null;
  /** To be called when the run is over. */
  stop(): void;
}

/** @param cancel of the front end: Ctrl-C, a cancelled workflow */
export function openDeadline(
  { timeoutMinutes }: { readonly timeoutMinutes: number },
  cancel: AbortSignal | undefined,
): Deadline {
  const controller = new AbortController();
  // Everything in flight listens to it.
  setMaxListeners(0, controller.signal);
  let reason: Reason | null = null;
  const end = (because: Reason) => {
    reason ??= because;
    controller.abort();
  };
  const timer = setTimeout(() => end(timeUp(timeoutMinutes)), timeoutMinutes * 60_000);
  const cancelled = () => end(CANCELLED);
  if (cancel?.aborted) cancelled();
  cancel?.addEventListener('abort', cancelled, { once: true });
  return {
    signal: controller.signal,
    get reason() {
      return reason;
    },
    stop: () => {
      clearTimeout(timer);
      cancel?.removeEventListener('abort', cancelled);
    },
  };
}

const CANCELLED: Reason = { code: 'run.cancelled', message: 'The run was cancelled before it came to a verdict.' };

function timeUp(minutes: number): Reason {
  return {
    code: 'time-limit',
    message: `timeout-minutes: the limit of ${minutes} minutes was reached before the evidence sufficed. Raise it, or raise max-concurrency where the servers can take more.`,
  };
}

/** Sampling ends with the run's time: what is judged by then is kept. */
export function watchDeadline(halt: Halt, deadline: Deadline): void {
  const over = () => {
    if (deadline.reason) halt.because(deadline.reason);
  };
  if (deadline.signal.aborted) over();
  else deadline.signal.addEventListener('abort', over, { once: true });
}

/** Work before the first answer: when the deadline cut it off, that is what went wrong. @throws ProviderError */
export async function beforeDeadline<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (deadline.reason === null) throw error;
    throw new ProviderError(deadline.reason.code, deadline.reason.message, { cause: error });
  }
}
