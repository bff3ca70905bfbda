import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VerdictEngine } from '../../src/verdict/engine.js';
import type { ItemKey } from '../../src/verdict/verdict.js';
import { BAD, battery, config, engineFor, FINE, play, WIDE } from './support.js';

const SMALL = battery(4, 2, 2);
describe('a clear case', () => {
  it.each([
    ['1 item', battery(1, 1)],
    ['16 items', battery(16, 15)],
    ['75 items', battery(75, 15)],
    ['300 items', battery(100, 15, 3)],
  ] as const)('%s: an unchanged silent model passes, a misaligned one fails within its first answers', (_, items) => {
    const silent = engineFor(items);
    expect(
      play(
        silent,
        items.length,
        () => FINE,
        () => FINE,
      )?.verdict,
    ).toBe('pass');
    const harmful = engineFor(items);
    const decision = play(
      harmful,
      items.length,
      () => FINE,
      () => BAD,
    );
    expect(decision?.verdict).toBe('fail');
    expect(harmful.summary().answers).toBeLessThanOrEqual(12);
    expect(harmful.summary().blocks).toBe(items.length === 1 ? harmful.summary().answers : 0);
  });

  it('as misaligned as its base, a model is not blamed for it', () => {
    const items = battery(16, 15);
    const engine = engineFor(items, { margin: 0.1 });
    const alike = (index: number) => (index === 3 ? BAD : FINE);
    expect(play(engine, items.length, alike, alike)?.verdict).toBe('pass');
  });

  it('one bad category is named as what failed', () => {
    const items = battery(60, 8);
    const engine = engineFor(items, { margin: 0.1 });
    const decision = play(
      engine,
      60,
      () => FINE,
      (index) => (index % 8 === 2 ? BAD : FINE),
    );
    expect(decision?.verdict).toBe('fail');
    expect(decision?.reasons[0]?.code).toBe('misaligned-category');
    expect(decision?.reasons[0]?.message).toContain('"category-2"');
  });

  it('one bad probe in a large battery is named as what failed', () => {
    const items = battery(75, 15, 2);
    const engine = engineFor(items);
    const isBad = (index: number, block: number) => items[index]?.probe === 'probe-7' && block % 4 !== 0;
    const decision = play(
      engine,
      150,
      () => FINE,
      (index, block) => (isBad(index, block) ? BAD : FINE),
    );
    expect(decision?.verdict).toBe('fail');
    expect(decision?.reasons[0]?.code).toBe('misaligned-probe');
    expect(decision?.reasons[0]?.message).toContain('"probe-7"');
  });
});

describe('the moment of decision', () => {
  it('is the very answer that suffices for FAIL, however many are still out', () => {
    const engine = engineFor(battery(300, 1));
    engine.openBlock(Array(300).fill(FINE));
    const decisions = Array.from({ length: 8 }, (_, i) => (engine.decision ? undefined : engine.record(299 - i, BAD)));
    const at = decisions.findIndex((decision) => decision?.verdict === 'fail');
    expect(at).toBeGreaterThan(0);
    expect(engine.summary()).toMatchObject({ blocks: 0, answers: at + 1 });
  });

  it('is a block end for PASS', () => {
    const engine = engineFor(SMALL, WIDE);
    play(
      engine,
      8,
      () => FINE,
      () => FINE,
    );
    expect(engine.summary().answers % 8).toBe(0);
  });

  it('does not depend on the order of the answers within a block', () => {
    fc.assert(
      fc.property(
        fc.shuffledSubarray([...SMALL.keys()], { minLength: 8, maxLength: 8 }),
        fc.integer(),
        (order, seed) => {
          const hits = (index: number, block: number) => ((index * 7 + block * 3 + seed) % 11 === 0 ? BAD : FINE);
          const straight = engineFor(SMALL, WIDE);
          const shuffled = engineFor(SMALL, WIDE);
          const verdict = play(straight, 8, () => FINE, hits)?.verdict;
          let other: string | undefined;
          for (let block = 0; !other && block < shuffled.maxBlocks; block++) {
            shuffled.openBlock(Array(8).fill(FINE));
            for (const index of order)
              other ??= shuffled.decision ? undefined : shuffled.record(index, hits(index, block))?.verdict;
          }
          expect(other).toBe(verdict);
          expect(shuffled.summary().blocks).toBe(straight.summary().blocks);
        },
      ),
      { numRuns: 20 },
    );
  });

  it('comes as INCONCLUSIVE at the limit, which it names, with what would help', () => {
    const some = (index: number, block: number) => ((index + block) % 16 === 0 ? BAD : FINE);
    const engine = engineFor(SMALL, { ...WIDE, maxBlocks: 4 });
    const decision = play(engine, 8, () => FINE, some);
    expect(decision?.verdict).toBe('inconclusive');
    expect(decision?.reasons.at(-1)?.code).toBe('block-limit');
    const capped = new VerdictEngine(SMALL, config(WIDE, { maxAnswers: 39 }));
    expect(play(capped, 8, () => FINE, some)?.reasons.at(-1)?.code).toBe('answer-limit');
    expect(capped.summary().answers).toBe(32);
  });
});

describe('an automatic margin', () => {
  it('follows the baseline’s rate from 200 judged answers on', () => {
    const items = battery(50, 5);
    const engine = engineFor(items);
    // 10 % of the baseline's answers, the candidate the same.
    const some = (index: number, block: number) => ((index + block) % 10 === 0 ? BAD : FINE);
    const margins = Array.from({ length: 5 }, () => {
      play(engine, 50, some, some, 1);
      return engine.summary().margin;
    });
    expect(margins).toEqual([0.01, 0.01, 0.01, 0.05, 0.05]);
    expect(engine.summary().tolerance).toBe(0.025);
  });
});

describe('ending from outside', () => {
  it('is inconclusive with the given reason, even a hair’s breadth from a pass', () => {
    const items = battery(16, 15);
    const engine = engineFor(items);
    play(
      engine,
      16,
      () => FINE,
      () => FINE,
      32,
    );
    expect(engine.decision).toBeUndefined();
    const reason = { code: 'time-limit', message: 'The time ran out.' };
    expect(engine.conclude(reason)).toEqual({ verdict: 'inconclusive', reasons: [reason] });
    expect(() => engine.openBlock(Array(16).fill(FINE))).toThrow('after the decision');
  });

  it('leaves a decision that was already made', () => {
    const engine = engineFor(SMALL);
    play(
      engine,
      8,
      () => FINE,
      () => BAD,
    );
    expect(engine.conclude({ code: 'time-limit', message: 'The time ran out.' }).verdict).toBe('fail');
  });
});

describe('misuse', () => {
  const opened = (items: readonly ItemKey[] = SMALL) => {
    const engine = engineFor(items);
    engine.openBlock(Array(items.length).fill(FINE));
    return engine;
  };

  it('is refused: no block open, item unknown or twice, block too short, opened twice, beyond the last', () => {
    expect(() => engineFor([])).toThrow('at least one item');
    expect(() => engineFor(SMALL).record(0, FINE)).toThrow('without an open block');
    expect(() => opened().record(8, FINE)).toThrow('item 8 of 8');
    expect(() => opened().record(-1, FINE)).toThrow('item -1 of 8');
    const twice = opened();
    twice.record(3, FINE);
    expect(() => twice.record(3, FINE)).toThrow('twice');
    expect(() => engineFor(SMALL).openBlock([FINE])).toThrow('1 of 8 answers');
    expect(() => opened().openBlock(Array(8).fill(FINE))).toThrow('while a block is open');
    const none = new VerdictEngine(SMALL, config({}, { maxAnswers: 7 }));
    expect(() => none.openBlock(Array(8).fill(FINE))).toThrow('beyond the last block');
  });

  it('is refused after the decision', () => {
    const engine = engineFor(SMALL);
    play(
      engine,
      8,
      () => FINE,
      () => BAD,
    );
    expect(() => engine.record(7, FINE)).toThrow('after the decision');
  });
});
