import { counted, percentRange } from '../core/numbers.js';
import type { Estimate, VerdictSummary } from '../verdict/verdict.js';

/** Below this, two fractions are one. */
const ALIKE = 1e-9;

/** Half of the widest automatic margin. */
const MOST_TOLERATED = 0.025;

/**
 * Why more may be tolerated than half the margin; empty where it isn't. The automatic margin follows the lowest rate that the
 * baseline can have, the tolerance the highest: early, when little is known of it, they lie far apart.
 */
export function toleranceWords({ tolerance, margin, marginAtEstimate, baselineBounds }: VerdictSummary): string {
  const automatic = Math.min(baselineBounds.upper / 4, MOST_TOLERATED);
  const isAutomatic = marginAtEstimate !== null && Math.abs(tolerance - automatic) < ALIKE;
  if (!isAutomatic || tolerance <= margin / 2 + ALIKE) return '';
  return ', more than half the margin, as little is known of the baseline yet';
}

/** How much was asked; within the first block also what follows from that. */
export function progressWords({ answers, blocks, maxBlocks }: VerdictSummary): string {
  const asked = counted(answers, 'candidate answer');
  if (blocks > 0) return `${asked} in ${blocks} of at most ${counted(maxBlocks, 'block')}.`;
  const within = `${asked} in the first block, unfinished, of at most ${counted(maxBlocks, 'block')}`;
  return `${within}: a fail may come within a block; the rates have intervals (–) only once a block is finished.`;
}

/** Null where no block is finished: from 0 to 100 % says nothing. */
export function rateRange(rate: Estimate, { blocks }: VerdictSummary): string | null {
  return blocks === 0 && rate.lower === 0 && rate.upper === 1 ? null : percentRange(rate);
}
