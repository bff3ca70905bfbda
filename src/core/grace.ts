import { ProviderError } from './errors.js';

/** What is cut off ends by itself, within moments. What does not is left behind after so long: no run waits for it. */
export const GRACE_MS = 5_000;

/**
 * Waits for work that the signal cuts off, but no longer than the grace after that: a promise that nobody settles any more
 * would hold the run for ever.
 * @throws ProviderError `run.stalled` when it was left behind; else what the work throws
 */
export async function orLeft<T>(work: Promise<T>, signal: AbortSignal, graceMs = GRACE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let begin = () => {};
  const left = new Promise<never>((_, reject) => {
    begin = () => {
      timer = setTimeout(() => reject(leftBehind(graceMs)), graceMs);
    };
  });
  if (signal.aborted) begin();
  else signal.addEventListener('abort', begin, { once: true });
  // Nobody hears of it any more once it is left behind.
  work.catch(() => {});
  try {
    return await Promise.race([work, left]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', begin);
  }
}

/** Waits for what ends a run, but for no longer than a while: a verdict that is in hand does not wait for a process that won't end. */
export async function atMost(work: Promise<unknown>, milliseconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, over]).finally(() => clearTimeout(timer));
}

/** What `orLeft` throws: that something did not end, which says nothing of why it was to end. */
export class LeftBehind extends ProviderError {}

function leftBehind(graceMs: number): LeftBehind {
  return new LeftBehind(
    'run.stalled',
    `The run stood still: what was under way did not end within ${graceMs / 1000} seconds of being cut off, and was left behind.`,
  );
}
