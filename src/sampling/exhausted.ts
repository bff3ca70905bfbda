import { plural } from '../verdict/reason-wording.js';
import type { Reason } from '../verdict/verdict.js';

export const BASELINE_USED_UP = 'baseline-used-up';

/** @param why it can't be asked for more; null where that was said already */
export function baselineUsedUp(reference: string, blocks: number, why: string | null): Reason {
  const cause = why === null ? '' : ` (${why.replace(/\.$/, '')})`;
  return {
    code: BASELINE_USED_UP,
    message: `baseline: what is stored is ${plural(blocks, 'answer')} of ${reference} to every question, it can't be asked for more${cause}, and after these there is neither enough evidence of harm nor of its absence. Record more of it: misalignment-gate baseline --blocks NUMBER.`,
  };
}
