import type { Memory, Place } from '../state/memory.js';
import type { Drawer } from './draw.js';
import type { Drawn } from './observe.js';
import type { Plan } from './plan.js';

const ARMS = ['baseline', 'candidate'] as const;
/** Cached answers that are in memory at a time. */
const BATCH = 256;

/**
 * What the decision did without and the estimates take in: the rows of the recordings, the baseline's cached answers
 * (verdict.md, sections 0 and 3).
 */
export async function* restOf(
  plan: Plan,
  drawer: Drawer,
  memory: Memory,
  isKnown: (place: Place) => boolean,
): AsyncGenerator<readonly Drawn[]> {
  yield await restOfRecordings(plan, drawer, isKnown);
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

/** Only where their scores are recorded too; judging them would cost, and change nothing. */
async function restOfRecordings(
  plan: Plan,
  drawer: Drawer,
  isKnown: (place: Place) => boolean,
): Promise<readonly Drawn[]> {
  if (plan.recorded === null || plan.settings.judge.reference !== 'recorded') return [];
  const rest: Promise<Drawn | null>[] = [];
  const never = new AbortController().signal;
  for (const arm of ARMS) {
    for (const index of plan.items.keys()) {
      for (let sample = 0; sample < (plan.models[arm].recordedAnswers?.(index) ?? 0); sample += 1) {
        if (!isKnown({ arm, index, sample })) rest.push(drawer.draw(arm, index, sample, never));
      }
    }
  }
  return (await Promise.all(rest)).filter((drawn) => drawn !== null);
}
