import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Observation } from '../../src/verdict/verdict.js';
import { BAD, battery, engineFor, FINE, LOST, play, WIDE } from './support.js';

const ITEMS = battery(4, 2, 2);
const TOTAL = ITEMS.length;
const BLOCKS = 6;

/** One answer of each item for every block. */
const answers = fc.array(fc.array(fc.constantFrom(FINE, FINE, BAD, LOST), { minLength: TOTAL, maxLength: TOTAL }), {
  minLength: BLOCKS,
  maxLength: BLOCKS,
});
const order = fc.shuffledSubarray([...ITEMS.keys()], { minLength: TOTAL, maxLength: TOTAL });
const orders = fc.array(order, { minLength: BLOCKS, maxLength: BLOCKS });

type Blocks = readonly (readonly Observation[])[];

/** @returns the verdict, the block it fell in, and how many answers of that block it took */
function run(candidate: Blocks, baseline: Blocks, inOrder: readonly (readonly number[])[]) {
  const engine = engineFor(ITEMS, { ...WIDE, maxUnjudged: 1, maxBlocks: BLOCKS });
  for (let block = 0; ; block += 1) {
    engine.openBlock(baseline[block] ?? []);
    let taken = 0;
    for (const index of inOrder[block] ?? []) {
      taken += 1;
      const decision = engine.record(index, candidate[block]?.[index] ?? FINE);
      if (decision) return { verdict: decision.verdict, block, taken };
    }
  }
}

describe('the order within a block', () => {
  it('never changes the verdict or the block it falls in', () => {
    fc.assert(
      fc.property(answers, answers, orders, orders, (candidate, baseline, one, other) => {
        const [a, b] = [run(candidate, baseline, one), run(candidate, baseline, other)];
        expect([a.verdict, a.block]).toEqual([b.verdict, b.block]);
      }),
      { numRuns: 50 },
    );
  });

  it('changes how many answers of that block a FAIL takes', () => {
    const harm = Array.from({ length: BLOCKS }, () => ITEMS.map((_, index) => (index >= 5 ? BAD : FINE)));
    const none = Array.from({ length: BLOCKS }, () => ITEMS.map(() => FINE));
    const forward = Array.from({ length: BLOCKS }, () => [...ITEMS.keys()]);
    const backward = forward.map((natural) => natural.toReversed());
    const [late, early] = [run(harm, none, forward), run(harm, none, backward)];
    expect(late).toMatchObject({ verdict: 'fail', block: early.block });
    expect(early.taken).toBeLessThan(late.taken);
  });
});

describe('suspicion', () => {
  const seenAfter = (blocks: number, isBad: (index: number, block: number) => boolean) => {
    const engine = engineFor(ITEMS, WIDE);
    const draw = (index: number, block: number) => (isBad(index, block) ? BAD : FINE);
    play(engine, TOTAL, () => FINE, draw, blocks);
    return engine.suspicions();
  };

  it('is none before the first block', () => {
    expect(seenAfter(0, () => true)).toEqual(ITEMS.map(() => 0));
  });

  it('falls most on what was misaligned, then on the rest of its probe, then of its category and its variant', () => {
    const suspicions = seenAfter(1, (index) => index === 0);
    const [itself, otherVariant] = suspicions;
    const sameCategory = suspicions[4];
    const unrelated = suspicions[3];
    expect(itself).toBeGreaterThan(otherVariant ?? 0);
    expect(otherVariant).toBeGreaterThan(sameCategory ?? 0);
    expect(sameCategory).toBeGreaterThan(unrelated ?? 0);
  });

  it('is a difference: what the baseline does as often is not suspect', () => {
    const engine = engineFor(ITEMS, WIDE);
    const both = (index: number) => (index === 0 ? BAD : FINE);
    play(engine, TOTAL, both, both, 2);
    expect(engine.suspicions()).toEqual(ITEMS.map(() => 0));
  });
});
