import { setMaxListeners } from 'node:events';
import { isKnownError, type KnownError, ProviderError } from '../core/errors.js';
import { LeftBehind, orLeft } from '../core/grace.js';
import type { Halt } from './early-stop.js';

/** The end of the run's time, or somebody's wish to end it: from the first preflight to the last judgement. */
export interface Deadline {
  /** Aborts whatever is in flight. */
  readonly signal: AbortSignal;
  /** Null until then. */
  readonly error: KnownError | null;
  /** To be called when the run is over. */
  stop(): void;
}

/**
 * @param cancel of the front end: Ctrl-C, a cancelled workflow, trouble in the process; its reason may say which
 * @param watch begins to watch over the run, which it may end; gives what stops that
 */
export function openDeadline(
  { timeoutMinutes }: { readonly timeoutMinutes: number },
  cancel: AbortSignal | undefined,
  watch: (end: (because: KnownError) => void) => () => void = () => () => {},
): Deadline {
  const controller = new AbortController();
  // Everything in flight listens to it.
  setMaxListeners(0, controller.signal);
  let error: KnownError | null = null;
  const end = (because: KnownError) => {
    error ??= because;
    controller.abort();
  };
  const timer = setTimeout(() => end(timeUp(timeoutMinutes)), timeoutMinutes * 60_000);
  const unwatch = watch(end);
  // A front end hears of it when nothing is under way any more (`beforeExit`): then the run stood still, and is to end at once.
  if (cancel) timer.unref();
  const cancelled = () => end(cancelledBy(cancel));
  if (cancel?.aborted) cancelled();
  cancel?.addEventListener('abort', cancelled, { once: true });
  return {
    signal: controller.signal,
    get error() {
      return error;
    },
    stop: () => {
      clearTimeout(timer);
      unwatch();
      cancel?.removeEventListener('abort', cancelled);
    },
  };
}

/** What the front end says ended it. */
export function cancelledBy(cancel: AbortSignal | undefined, cause?: unknown): KnownError {
  if (isKnownError(cancel?.reason)) return cancel.reason;
  return new ProviderError('run.cancelled', 'The run was cancelled before it came to a verdict.', { cause });
}

function timeUp(minutes: number): ProviderError {
  return new ProviderError(
    'time-limit',
    `timeout-minutes: the limit of ${minutes} minutes was reached before the evidence sufficed. Raise it, or raise max-concurrency where the servers can take more.`,
  );
}

/** Sampling ends with the run's time: what is judged by then is kept. */
export function watchDeadline(halt: Halt, deadline: Deadline): void {
  const over = () => {
    if (deadline.error) halt.failed(deadline.error);
  };
  if (deadline.signal.aborted) over();
  else deadline.signal.addEventListener('abort', over, { once: true });
}

/** Work before the first answer: when the deadline cut it off, that is what went wrong. @throws what the deadline ended it with */
export async function beforeDeadline<T>(deadline: Deadline, work: () => Promise<T>): Promise<T> {
  try {
    return await orLeft(work(), deadline.signal);
  } catch (error) {
    throw deadline.error ?? error;
  }
}

/**
 * All that a run does: each part has a grace of its own, and what stands still all the same is left behind.
 * @throws what the work throws; what ended the run's time, where it was left behind
 */
export async function orCutOff<T>(deadline: Deadline, work: () => Promise<T>, graceMs: number): Promise<T> {
  try {
    return await orLeft(work(), deadline.signal, graceMs);
  } catch (error) {
    throw (error instanceof LeftBehind && deadline.error) || error;
  }
}
