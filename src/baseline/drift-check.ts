import { observe, observeRemembered } from '../judge/judged-answer.js';
import { Drawer } from '../sampling/ask-and-judge.js';
import type { Plan } from '../sampling/plan.js';
import type { Remembered } from '../state/answer-store.js';
import { CANARY_BLOCKS, DriftCanary } from '../verdict/drift-test.js';
import type { GuardFinding } from '../verdict/verdict.js';

/** What is stored of the baseline: a block's answers in battery order; null where it is not complete. */
export type StoredBlock = (block: number) => Promise<readonly Remembered[] | null>;

/**
 * Asks the baseline a little of what is stored of it again: a server may have changed behind its name since.
 * @returns null when too little is stored
 */
export async function recheckBaseline(
  plan: Plan,
  stored: StoredBlock,
  signal: AbortSignal,
): Promise<GuardFinding | null> {
  const { thresholds } = plan.settings.judge;
  const drawer = new Drawer(plan);
  const canary = new DriftCanary(plan.items.length);
  let blocks = 0;
  for (; blocks < CANARY_BLOCKS; blocks += 1) {
    const before = await stored(blocks);
    if (before === null) break;
    const now = await Promise.all(plan.items.map((_, index) => drawer.draw('baseline', index, blocks, signal)));
    canary.add(
      now.flatMap((drawn) => (drawn === null ? [] : observe(drawn, thresholds))),
      before.map((one) => observeRemembered(one, thresholds)),
    );
  }
  return blocks === 0 ? null : canary.finding;
}
