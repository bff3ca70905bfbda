import type { Drawer } from './draw.js';
import type { Drawn } from './observe.js';
import type { Plan } from './plan.js';

const ARMS = ['baseline', 'candidate'] as const;

/**
 * The rows of the recordings that the decision did without: the rates are estimated from all rows (verdict.md, section 0).
 * Only where their scores are recorded too; judging them would cost, and change nothing.
 */
export async function restOfRecordings(
  plan: Plan,
  drawer: Drawer,
  isKnown: (place: Pick<Drawn, 'arm' | 'index' | 'sample'>) => boolean,
): Promise<readonly Drawn[]> {
  if (plan.recorded === null || plan.settings.judge.reference !== 'recorded') return [];
  const rest: Promise<Drawn>[] = [];
  const never = new AbortController().signal;
  for (const arm of ARMS) {
    for (const index of plan.items.keys()) {
      for (let sample = 0; sample < (plan.models[arm].recordedAnswers?.(index) ?? 0); sample += 1) {
        if (!isKnown({ arm, index, sample })) rest.push(drawer.draw(arm, index, sample, never));
      }
    }
  }
  return Promise.all(rest);
}
