import type { Drawn } from '../judge/judged-answer.js';
import type { Memory } from '../state/answer-store.js';
import type { Plan } from './plan.js';

/** Cached answers that are in memory at a time. */
const BATCH = 256;

/** What the decision did without and the estimates take in: the baseline's cached answers (verdict.md, section 3). */
export async function* restOf(plan: Plan, memory: Memory): AsyncGenerator<readonly Drawn[]> {
  let batch: Drawn[] = [];
  for await (const { given, outcome, ...place } of memory.rest()) {
    const item = plan.battery.items[place.index];
    if (item === undefined) continue;
    if (given.kind === 'missing') batch.push({ ...place, item, answer: null, outcome: given });
    else if (outcome !== null) batch.push({ ...place, item, answer: given, outcome });
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}
