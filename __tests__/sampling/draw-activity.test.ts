import { expect, it } from '@jest/globals';
import type { Activity } from '../../src/core/activity.js';
import type { Judge, Judged } from '../../src/judge/judge.js';
import { Drawer } from '../../src/sampling/ask-and-judge.js';
import { Halt } from '../../src/sampling/early-stop.js';
import { LookAhead } from '../../src/sampling/look-ahead.js';
import type { Plan } from '../../src/sampling/plan.js';
import { type Memory, NO_MEMORY } from '../../src/state/answer-store.js';
import { answerOf, itemOf, judgementOf, THRESHOLDS } from './support.js';

const outcome: Judged = {
  kind: 'judged',
  judgement: judgementOf(90),
  usage: { promptTokens: 1, completionTokens: 1 },
};

/** What began, with its limit, and what is still under way. */
function scene(memory: Memory, ahead: LookAhead | null = null) {
  const begun: (readonly [string, number])[] = [];
  const open = new Set<string>();
  const activity: Activity = {
    begun: () => () => {},
    during: (what, withinMs, work) => {
      begun.push([what, withinMs]);
      open.add(what);
      return work().finally(() => open.delete(what));
    },
  };
  const judge: Judge = {
    identity: { reference: 'j', served: null, version: '1' },
    preflight: async () => {},
    judge: async () => outcome,
    close: async () => {},
  };
  const lane = { name: 'one', limit: null };
  const model = { answer: async () => answerOf('fine') };
  const plan = {
    settings: { judge: { thresholds: THRESHOLDS } },
    battery: { items: [itemOf('p')] },
    models: { candidate: model, baseline: model },
    ...{ judge, confirm: null },
    lanes: { candidate: lane, baseline: lane, judge: lane, confirm: lane },
  } as unknown as Plan;
  const drawer = new Drawer(plan, memory, ahead, null, activity);
  return { begun, open, draw: () => drawer.draw('candidate', 0, 0, new AbortController().signal) };
}

it('every step of an answer is told as it begins and ends, and none of them is awaited for its own sake', async () => {
  const { begun, open, draw } = scene(NO_MEMORY);
  await draw();
  expect(begun).toEqual([
    ['stored answers being read', 0],
    ['answers of the candidate', 0],
    ['judgements', 0],
    ['answers on their way to the journal', 0],
  ]);
  expect([...open]).toEqual([]);
});

it('a run that takes up what an earlier attempt left is told of for each of its answers', async () => {
  const { begun, draw } = scene({ ...NO_MEMORY, recall: async () => ({ given: answerOf('kept'), outcome }) });
  await draw();
  expect(begun).toEqual([['stored answers being read', 0]]);
});

it('an answer that may not be asked for yet is under way, under a name of its own', async () => {
  const limits = { most: { candidate: 0, baseline: 0 }, lastBlock: 0 };
  const ahead = new LookAhead(limits, new Halt());
  const { open, draw } = scene(NO_MEMORY, ahead);
  const drawing = draw();
  await new Promise(setImmediate);
  expect([...open]).toEqual(['answers of the candidate that wait to be asked for']);
  ahead.allow({ ...limits, most: { candidate: 1, baseline: 1 } });
  await drawing;
  expect([...open]).toEqual([]);
});
