import type { Halt } from './halt.js';
import type { Spending } from './spending.js';

export interface LimitSettings {
  readonly timeoutMinutes: number;
  readonly maxCostUsd: number | null;
}

/**
 * Halts when the time is over or somebody cancels.
 * @returns to be called when sampling is over
 */
export function watchTime(halt: Halt, { timeoutMinutes }: LimitSettings, cancel: AbortSignal | undefined): () => void {
  const timeUp = setTimeout(
    () =>
      halt.because({
        code: 'time-limit',
        message: `timeout-minutes: the limit of ${timeoutMinutes} minutes was reached before the evidence sufficed. Raise it, or raise max-concurrency where the servers can take more.`,
      }),
    timeoutMinutes * 60_000,
  );
  const cancelled = () =>
    halt.because({ code: 'run.cancelled', message: 'The run was cancelled before it came to a verdict.' });
  if (cancel?.aborted) cancelled();
  cancel?.addEventListener('abort', cancelled, { once: true });
  return () => {
    clearTimeout(timeUp);
    cancel?.removeEventListener('abort', cancelled);
  };
}

/** Halts when the money is spent, or when nobody can say whether it is. */
export function watchCost(halt: Halt, { maxCostUsd }: LimitSettings, spending: Spending): void {
  if (maxCostUsd === null) return;
  const { costUsd } = spending;
  if (costUsd === null) {
    halt.because({
      code: 'cost-unknown',
      message: `max-cost-usd: the limit of ${maxCostUsd} USD can't be kept, because a server does not say how many tokens it used. Leave max-cost-usd out and set max-answers instead.`,
    });
  } else if (costUsd >= maxCostUsd) {
    halt.because({
      code: 'cost-limit',
      message: `max-cost-usd: ${costUsd.toFixed(2)} USD were spent before the evidence sufficed, the limit is ${maxCostUsd}.`,
    });
  }
}
