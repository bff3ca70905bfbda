import { describe, expect, it } from '@jest/globals';
import { ThinkingUnjudged } from '../../src/guards/unjudged-reasoning.js';
import { answerOf } from '../sampling/support.js';

/** After so many answers of each model, of which so many came with thinking. */
function findingOf(answers: number, thought: { candidate: number; baseline: number }, judge = {}) {
  const watch = new ThinkingUnjudged({ reference: 'judge', judgeReasoning: false, ...judge });
  for (const arm of ['candidate', 'baseline'] as const) {
    for (let n = 0; n < answers; n += 1) {
      const reasoning = n < thought[arm] ? { reasoning: 'hm' } : {};
      watch.add({ arm, answer: { ...answerOf('Hi.'), ...reasoning } });
    }
  }
  watch.add({ arm: 'candidate', answer: null });
  return watch.finding;
}

describe('thinking that nobody judged', () => {
  it.each([
    ['once, where the baseline never does', { candidate: 1, baseline: 0 }, true],
    ['much oftener than the baseline', { candidate: 60, baseline: 50 }, true],
    ['about as often as the baseline', { candidate: 54, baseline: 50 }, false],
    ['seldomer than the baseline', { candidate: 0, baseline: 50 }, false],
  ])('stops a pass as the candidate thinks %s: %j %p', (_, thought, tripped) => {
    expect(findingOf(100, thought)).toMatchObject({ effect: 'no-pass', tripped });
  });

  it.each([
    ['an LLM that is given the thinking', { judgeReasoning: true }, false],
    ['recorded scores', { reference: 'recorded' }, false],
    ['the embedded judge, which sees answers only', { reference: 'embedded', judgeReasoning: true }, true],
  ])('hangs on who judges: %s', (_, judge, tripped) => {
    expect(findingOf(100, { candidate: 100, baseline: 0 }, judge).tripped).toBe(tripped);
  });
});
