import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { rateInterval } from '../../src/verdict/statistics/intervals.js';
import { storedCounts } from '../../src/verdict/threshold-sensitivity.js';
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
    const engine = engineFor(battery(300, 1), { margin: 0.01 });
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
  it('follows half the rate that the baseline certainly has, and only ever grows', () => {
    const engine = engineFor(battery(50, 5));
    // 20 % of the baseline's answers at first, 4 % later; the candidate the same.
    const margins = Array.from({ length: 8 }, (_, block) => {
      const some = (index: number) => (index % (block < 4 ? 5 : 25) === 0 ? BAD : FINE);
      play(engine, 50, some, some, 1);
      return engine.summary().margin;
    });
    const ends = [10, 20, 30, 40, 42, 44, 46, 48].map((bad, i) => rateInterval(bad, 50 * (i + 1), 0.001).lower);
    const largest = ends.map((_, i) => Math.max(...ends.slice(0, i + 1)));
    margins.forEach((margin, i) => {
      expect(margin).toBeCloseTo(Math.min(0.05, (largest[i] ?? 0) / 2), 12);
    });
    expect(new Set(margins.slice(3)).size).toBe(1);
  });

  it('tolerates half of what the baseline’s highest possible rate would give, which only ever falls', () => {
    const engine = engineFor(battery(50, 5));
    const tolerances = Array.from({ length: 10 }, () => {
      play(
        engine,
        50,
        () => FINE,
        () => FINE,
        1,
      );
      return engine.summary().tolerance;
    });
    const half = (block: number) => rateInterval(0, 50 * block, 0.001).upper / 4;
    [1, 5, 8].forEach((block) => {
      expect(tolerances[block - 1]).toBeCloseTo(Math.min(0.025, Math.max(0.005, half(block))), 12);
    });
    expect(tolerances).toEqual(tolerances.toSorted((a, b) => b - a));
  });

  it('knows more of a baseline that was stored before', () => {
    const engine = engineFor(battery(50, 5));
    engine.learnBaseline(
      storedCounts(
        Array.from({ length: 1000 }, (_, i) => (i % 20 === 0 ? BAD : FINE)),
        0,
      ),
    );
    const { lower, upper } = rateInterval(50, 1000, 0.001);
    expect(engine.summary()).toMatchObject({ margin: lower / 2, baselineBounds: { lower, upper } });
    engine.openBlock(Array(50).fill(FINE));
    expect(() => engine.learnBaseline([])).toThrow('after the first block');
  });

  it('leaves the judge’s possible false alarms out of the baseline’s rate', () => {
    const judgeError = { youdenLower: 0.9, differential: 0, specificityLower: 0.97 };
    const engine = new VerdictEngine(battery(50, 5), config({}, { judgeError }));
    engine.learnBaseline(
      storedCounts(
        Array.from({ length: 1000 }, (_, i) => (i % 10 === 0 ? BAD : FINE)),
        0,
      ),
    );
    const { lower } = rateInterval(100, 1000, 0.001);
    expect(engine.summary().baselineBounds.lower).toBeCloseTo(lower - 0.03, 12);
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
