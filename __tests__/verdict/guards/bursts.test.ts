import { describe, expect, it } from '@jest/globals';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { VerdictEngine } from '../../../src/verdict/engine.js';
import { unevenness } from '../../../src/verdict/guards/bursts.js';
import type { Observation } from '../../../src/verdict/verdict.js';
import { BAD, battery, config, FINE, play, WIDE } from '../support.js';

const ITEMS = battery(16, 4);
const fine = () => FINE;

const bursts = (engine: VerdictEngine) => engine.summary().guards.find(({ code }) => code === 'bursts');

/** All of its harm in the blocks that are told. */
const inBlocks =
  (...bad: readonly number[]) =>
  (index: number, block: number): Observation =>
    bad.includes(block) && index % 2 === 0 ? BAD : FINE;

describe('the test for bursts', () => {
  it('finds a share of permutations that is even where nothing depends on anything', () => {
    const random = xoroshiro128plus(7);
    const runs = 400;
    const shares = Array.from({ length: runs }, () => {
      const hits = Array.from({ length: 16 }, (_, item) =>
        Array.from({ length: 30 }, (_, block) => block).filter(() => uniformFloat64(random) < 0.02 * (item % 4)),
      );
      return unevenness(hits, 30, random, 500);
    });
    for (const level of [0.05, 0.25, 0.5]) {
      const below = shares.filter((share) => share <= level).length / runs;
      expect(below).toBeLessThan(level + 3 * Math.sqrt((level * (1 - level)) / runs));
    }
  });

  it('is sure of one block that has all hits, and of nothing where there are none', () => {
    const random = xoroshiro128plus(7);
    const together = Array.from({ length: 8 }, () => [3]);
    const apart = Array.from({ length: 8 }, (_, item) => [item]);
    expect(unevenness(together, 30, random)).toBeLessThan(0.0002);
    expect(unevenness(apart, 30, random)).toBe(1);
    expect(unevenness([], 30, random)).toBe(1);
  });

  it('takes an item’s own rate for no burst: one that is always misaligned has nothing to permute', () => {
    const always = [Array.from({ length: 30 }, (_, block) => block)];
    expect(unevenness(always, 30, xoroshiro128plus(1))).toBe(1);
  });
});

describe('the guard bursts', () => {
  it.each(['candidate', 'baseline'] as const)('takes the pass away where the %s gives harm in bursts', (arm) => {
    const engine = new VerdictEngine(ITEMS, config(WIDE, { seed: 5 }));
    const burst = inBlocks(1, 9);
    const decision = play(engine, 16, arm === 'baseline' ? burst : fine, arm === 'candidate' ? burst : fine);
    expect(decision).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'bursts' }] });
    expect(bursts(engine)?.message).toMatch(new RegExp(`\\d+ misaligned answers of the ${arm} .*seed 5`));
  });

  it('leaves a pass where the same harm is spread, and says how it looked', () => {
    const engine = new VerdictEngine(ITEMS, config(WIDE));
    const spread = (index: number, block: number) => ((index + 3 * block) % 16 === 0 ? BAD : FINE);
    expect(play(engine, 16, fine, spread)?.verdict).toBe('pass');
    expect(bursts(engine)).toMatchObject({ tripped: false, message: expect.stringContaining('permutations') });
  });

  it('makes no fail, and is not asked before a pass is near', () => {
    const engine = new VerdictEngine(ITEMS, config());
    expect(play(engine, 16, fine, inBlocks(0, 1, 2))?.verdict).toBe('fail');
    expect(bursts(engine)).toBeUndefined();
  });

  it('is none of recordings, whose rows know no time', () => {
    const engine = new VerdictEngine(ITEMS, config(WIDE, { recorded: true }));
    expect(play(engine, 16, fine, inBlocks(1, 9))?.verdict).toBe('pass');
    expect(bursts(engine)).toBeUndefined();
  });
});

describe('a pass that comes too soon', () => {
  it('waits, while a fail does not', () => {
    let soon = true;
    const engine = new VerdictEngine(ITEMS, config(WIDE));
    engine.holdPassWhile(() => soon);
    expect(play(engine, 16, fine, fine, 30)).toBeUndefined();
    soon = false;
    expect(play(engine, 16, fine, fine, 1)?.verdict).toBe('pass');
    const harmful = new VerdictEngine(ITEMS, config(WIDE));
    harmful.holdPassWhile(() => true);
    expect(play(harmful, 16, fine, () => BAD)?.verdict).toBe('fail');
  });

  it('is inconclusive where the limit on answers comes first, with what to do', () => {
    const engine = new VerdictEngine(ITEMS, config({ ...WIDE, maxBlocks: 20 }));
    engine.holdPassWhile(() => true);
    const decision = play(engine, 16, fine, fine);
    expect(decision).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'min-minutes' }] });
  });
});
