import type { EngineView } from './guards/findings.js';
import { strongest } from './strongest-level.js';
import type { HarmShown } from './verdict.js';

const HALVINGS = 60;

/** Beyond this nothing is left of what could be added to a tolerance. */
const MOST_SHIFT = 1;

/**
 * FAIL rejects "every level is within its tolerance". The levels are not rejected one by one, so no single difference has a
 * bound; but the merged process falls as the tolerances grow, and how far they can grow until it no longer rejects is a bound
 * that holds with the same error rate. From the counts where it was decided, within a block where that is where it was.
 */
export function harmShown(view: EngineView): HarmShown | null {
  if (!view.harmShown) return null;
  const { failsAt } = view;
  const { line, level } = strongest(view);
  const asShift = view.threshold.tolerance === 0 || view.config.judgeError.differential > 0;
  return {
    factor: asShift ? null : largest(1, 1 / view.threshold.tolerance, (factor) => failsAt((t) => factor * t)),
    shift: asShift ? largest(0, MOST_SHIFT, (shift) => failsAt((t) => shift + t)) : null,
    line,
    level: level.kind,
    name: level.name,
  };
}

/** The largest number between the two that still holds; `from` does. */
function largest(from: number, to: number, holds: (value: number) => boolean): number {
  let [low, high] = [from, to];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}
