import { describe, expect, it } from '@jest/globals';
import { UnjudgedNotice } from '../../src/guards/unjudged-answers.js';
import type { Drawn } from '../../src/judge/judged-answer.js';
import type { Arm, MissingReason } from '../../src/models/model.js';
import { drawnOf } from '../sampling/support.js';
import { battery, engineFor } from '../verdict/support.js';

const lost = (reason: MissingReason, arm: Arm = 'candidate'): Drawn => ({
  ...drawnOf(0, 0, 90, arm),
  outcome: { kind: 'missing', reason, detail: '' },
});

function notice(maxUnjudged: number | 'auto' = 'auto') {
  const said: string[] = [];
  const log = { notice: (message: string) => said.push(message) };
  return { said, unjudged: new UnjudgedNotice(engineFor(battery(16, 4)), { maxUnjudged }, log) };
}

describe('too many unjudged answers', () => {
  it('are told once it is certain, and once only', () => {
    const { said, unjudged } = notice();
    // A quarter of a margin of 1 point, of 1,600 answers: four.
    for (let count = 0; count < 4; count += 1) {
      unjudged.add([lost('transport')]);
      unjudged.check(1_600);
    }
    expect(said).toEqual([]);
    unjudged.add([lost('transport'), lost('transport')]);
    unjudged.check(1_600);
    unjudged.add([lost('transport')]);
    unjudged.check(1_600);
    expect(said).toHaveLength(1);
  });

  it('are told with share and cause, by model, and with what a higher limit would promise', () => {
    const { said, unjudged } = notice();
    unjudged.add(Array.from({ length: 994 }, () => drawnOf(0, 0)));
    unjudged.add([lost('judge-malformed'), lost('judge-malformed'), lost('judge-refused'), lost('filtered-output')]);
    unjudged.add([lost('no-answer'), lost('transport'), lost('no-scores', 'baseline')]);
    unjudged.check(1_000);
    expect(said).toEqual([
      expect.stringMatching(
        /0\.6 % of the candidate's answers \(malformed judgement: 2, declined by the judge: 1, blocked by a filter: 1, .*no reply: 1\) and 100 % of the baseline's answers \(no score recorded: 1\) are unjudged.*at most 0\.25 %.*goes on/,
      ),
    ]);
  });

  it('promise less than the margin, plus their own share', () => {
    const { said, unjudged } = notice();
    unjudged.add(Array.from({ length: 994 }, () => drawnOf(0, 0)));
    unjudged.add(Array.from({ length: 6 }, () => lost('judge-malformed')));
    unjudged.check();
    expect(said[0]).toMatch(/max-unjudged: 0\.006\d* .*"less than 1 point, plus 0\.6 points that nobody judged"/);
  });

  it('are as many as the setting says', () => {
    const { said, unjudged } = notice(0.01);
    unjudged.add(Array.from({ length: 6 }, () => lost('judge-malformed')));
    unjudged.check(1_000);
    expect(said).toEqual([]);
  });
});
