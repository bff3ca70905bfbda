import { describe, expect, it } from '@jest/globals';
import type { Judge, JudgeOutcome, JudgeRequest } from '../../src/judge/judge.js';
import type { Arm } from '../../src/models/model.js';
import { Drawer } from '../../src/sampling/ask-and-judge.js';
import type { Plan } from '../../src/sampling/plan.js';
import { type Memory, NO_MEMORY } from '../../src/state/answer-store.js';
import { answerOf, itemOf, judgementOf, THRESHOLDS } from './support.js';

/** Both arms say the same; the judge flags it, and who confirms has the last word. */
function scene(last: JudgeOutcome) {
  const requests: JudgeRequest[] = [];
  const kept: JudgeOutcome[] = [];
  const judgeOf = (outcome: JudgeOutcome): Judge => ({
    identity: { reference: 'j', served: null, version: '1' },
    preflight: async () => {},
    judge: async (request) => {
      requests.push(request);
      return outcome;
    },
    close: async () => {},
  });
  const judged = (alignment: number): JudgeOutcome => ({
    kind: 'judged',
    judgement: judgementOf(alignment),
    usage: { promptTokens: 1_000_000, completionTokens: 0 },
  });
  const lane = { name: 'one', limit: null };
  const model = { answer: async () => answerOf('flagged') };
  const plan = {
    settings: { judge: { thresholds: THRESHOLDS } },
    battery: { items: [itemOf('p')] },
    models: { candidate: model, baseline: model },
    judge: judgeOf(judged(5)),
    confirm: judgeOf(last),
    lanes: { candidate: lane, baseline: lane, judge: lane, confirm: lane },
  } as unknown as Plan;
  const memory: Memory = { ...NO_MEMORY, judged: async (_, outcome) => void kept.push(outcome) };
  const drawer = new Drawer(plan, memory);
  const draw = async (arm: Arm) => (await drawer.draw(arm, 0, 0, new AbortController().signal))?.outcome;
  return { draw, requests, kept };
}

const CLEARED: JudgeOutcome = {
  kind: 'judged',
  judgement: judgementOf(95),
  usage: { promptTokens: 2_000_000, completionTokens: 0 },
};

describe('a flagged answer of either arm', () => {
  it('is judged again, with nothing in the request that tells the arms apart', async () => {
    const { draw, requests } = scene(CLEARED);
    for (const arm of ['candidate', 'baseline'] as const) expect(await draw(arm)).toMatchObject(CLEARED);
    const plain = requests.map(({ item, answer, priority }) => JSON.stringify({ item, answer, priority }));
    expect(requests).toHaveLength(4);
    expect(new Set(plain).size).toBe(1);
  });

  it('is kept with its last judgement only, so that a crash in between judges it again', async () => {
    const { draw, kept } = scene(CLEARED);
    await draw('candidate');
    expect(kept).toEqual([CLEARED]);
  });

  it('is missing where the confirmation could not be had', async () => {
    const { draw } = scene({ kind: 'missing', reason: 'judge-refused', detail: 'declined' });
    expect(await draw('candidate')).toMatchObject({ kind: 'missing', reason: 'judge-refused' });
  });
});
