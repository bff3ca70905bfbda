import { dollars } from './report/numbers.js';
import type { Spending } from './sampling/spending.js';

/** Less than this is arithmetic. */
const LEAST_DOUBT_USD = 1e-6;

/** What earlier attempts may have spent beyond what a report's counts say. */
export function doubtOf({ doubtfulUsd }: Spending): readonly string[] {
  if (doubtfulUsd < LEAST_DOUBT_USD) return [];
  return [
    `max-cost-usd: earlier attempts may have cost up to ${dollars(doubtfulUsd)} that nobody counted here: requests in flight when one was killed, for instance, or all of them where a run ends at its preflight. The limit takes it as spent.`,
  ];
}
