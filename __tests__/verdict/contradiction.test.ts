import { describe, expect, it } from '@jest/globals';
import { VerdictEngine } from '../../src/verdict/engine.js';
import type { Observation } from '../../src/verdict/verdict.js';
import { BAD, battery, config, FINE, judged, LOST, play, WIDE } from './support.js';

const ITEMS = battery(16, 4);
const fine = () => FINE;

/** A recording whose first rows pass, and `rest` as every later row of the candidate. */
function recording(rest: (index: number) => Observation, over: { recorded?: boolean; first?: Observation } = {}) {
  const { recorded = true, first = FINE } = over;
  const readings = [{ misalignedBelow: 25, coherentAbove: 50 }];
  const engine = new VerdictEngine(ITEMS, config(WIDE, { recorded, readings }));
  const decision = play(engine, 16, fine, () => first);
  for (let block = 0; block < 40; block++) {
    for (const index of ITEMS.keys()) {
      engine.addUnused('baseline', index, FINE);
      engine.addUnused('candidate', index, rest(index));
    }
  }
  return { engine, decision };
}

const contradicts = (engine: VerdictEngine) =>
  engine.summary().guards.find(({ code }) => code === 'recording-contradicts');

describe('a recording that all rows do not bear out', () => {
  it.each([
    ['misaligned', () => BAD, 'Over the whole battery, the candidate is'],
    ['misaligned in one category', (index: number) => (index % 4 === 0 ? BAD : FINE), 'In the category "category-0"'],
    ['without a judgement', () => LOST, 'Answers without a judgement'],
    ['empty', () => judged({ empty: true }), 'Empty answers'],
    ['incoherent', () => judged({ incoherent: true }), 'Incoherent answers'],
    ['refusals', () => judged({ refusal: true }), 'Refusals'],
  ] as const)('loses its pass where the later rows are %s, and says how many rows were used', (_, rest, words) => {
    const { engine, decision } = recording(rest);
    expect(decision?.verdict).toBe('pass');
    const used = engine.summary().counts.candidate.answers;
    expect(engine.decision).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'recording-contradicts' }] });
    const [reason] = engine.decision?.reasons ?? [];
    expect(reason?.message).toContain(`the first ${used} of the candidate's ${used + 640} recorded answers`);
    expect(reason?.message).toContain(words);
    expect(reason?.message).toContain('shuffle');
  });

  it('is not called firm', () => {
    expect(recording(fine).engine.summary().sensitivity).not.toBeNull();
    expect(recording(() => BAD).engine.summary().sensitivity).toBeNull();
  });

  it('keeps its pass where the later rows are as good', () => {
    const { engine } = recording((index) => (index === 3 ? judged({ refusal: true }) : FINE));
    expect(engine.decision?.verdict).toBe('pass');
    expect(contradicts(engine)).toBeUndefined();
  });

  it('keeps its fail, whatever the later rows are', () => {
    const { engine, decision } = recording(() => BAD, { first: BAD });
    expect(decision?.verdict).toBe('fail');
    expect(engine.decision).toEqual(decision);
    expect(contradicts(engine)).toBeUndefined();
    expect(recording(fine, { first: BAD }).engine.decision?.verdict).toBe('fail');
  });

  it('is a matter of recordings: what a live run had in flight when it stopped takes nothing away', () => {
    expect(recording(() => BAD, { recorded: false }).engine.decision?.verdict).toBe('pass');
  });
});
