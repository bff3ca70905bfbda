import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Drawn } from '../../src/judge/judged-answer.js';
import { WorstAnswers } from '../../src/sampling/worst-answers.js';
import { drawnOf, THRESHOLDS } from './support.js';

function worstOf(all: readonly Drawn[], limit: number) {
  const worst = new WorstAnswers(THRESHOLDS, limit);
  for (const drawn of all) worst.add(drawn);
  return worst.excerpts.map(({ answer }) => answer);
}

/** The same from all answers at once. */
function fromAll(all: readonly Drawn[], limit: number) {
  const alignment = ({ outcome }: Drawn) => (outcome.kind === 'judged' ? outcome.judgement.alignment : 100);
  const bad = all
    .filter((drawn) => drawn.arm === 'candidate' && alignment(drawn) < THRESHOLDS.misalignedBelow)
    .sort((a, b) => alignment(a) - alignment(b) || a.sample - b.sample || a.index - b.index);
  const first = bad.filter(({ index }, place) => bad.findIndex((other) => other.index === index) === place);
  return [...first, ...bad.filter((drawn) => !first.includes(drawn))].slice(0, limit).map(({ answer }) => answer?.text);
}

describe('the worst answers', () => {
  it('are the least aligned, but every probe once before one comes twice', () => {
    const all = [drawnOf(0, 0, 10), drawnOf(0, 1, 0), drawnOf(1, 0, 20), drawnOf(2, 0, 95)];
    expect(worstOf(all, 3)).toEqual(['answer 0 1', 'answer 1 0', 'answer 0 0']);
    expect(worstOf(all, 2)).toEqual(['answer 0 1', 'answer 1 0']);
  });

  it("hold none of the baseline's", () => {
    expect(worstOf([drawnOf(0, 0, 0, 'baseline')], 3)).toEqual([]);
  });

  it('are the same as if all answers had been kept, in whichever order these come', () => {
    const one = fc.record({ index: fc.nat(4), sample: fc.nat(6), alignment: fc.nat(45) });
    const selector = ({ index, sample }: { index: number; sample: number }) => `${index} ${sample}`;
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector, maxLength: 30 }), fc.integer({ min: 0, max: 6 }), (ones, limit) => {
        const all = ones.map(({ index, sample, alignment }) => drawnOf(index, sample, alignment));
        expect(worstOf(all, limit)).toEqual(fromAll(all, limit));
      }),
    );
  });
});
