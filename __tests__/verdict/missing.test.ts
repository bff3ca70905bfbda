import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Observation } from '../../src/verdict/verdict.js';
import { BAD, BLOCKED, battery, engineFor, FINE, judged, LOST, play, WIDE } from './support.js';

const ITEMS = battery(4, 2, 2);
const BLOCKS = 6;
const MISSING = [LOST, BLOCKED];

/** So that only the counts can keep a pass away, not the guard that watches the share of missing answers. */
const UNGUARDED = { ...WIDE, maxUnjudged: 1, maxBlocks: BLOCKS };

const any = (from: readonly Observation[]) => fc.infiniteStream(fc.constantFrom(...from));
const next = (stream: fc.Stream<Observation>) => () => stream.next().value;

describe('missing answers', () => {
  it('of the candidate never make a pass or raise its e-value, whatever the baseline does', () => {
    const baselines = [...MISSING, FINE, judged({ incoherent: true }), judged({ refusal: true })];
    fc.assert(
      fc.property(any(MISSING), any(baselines), (candidate, baseline) => {
        const engine = engineFor(ITEMS, UNGUARDED);
        expect(play(engine, 8, next(baseline), next(candidate))?.verdict).toBe('inconclusive');
        for (const { logEPass } of engine.standings()) expect(logEPass).toBeLessThanOrEqual(1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it('of the baseline never make a fail', () => {
    fc.assert(
      fc.property(any(MISSING), any([BAD, ...MISSING]), (baseline, candidate) => {
        const engine = engineFor(ITEMS, UNGUARDED);
        expect(play(engine, 8, next(baseline), next(candidate))?.verdict).toBe('inconclusive');
        expect(engine.summary().logEFail).toBeLessThanOrEqual(1e-9);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['empty', judged({ empty: true })],
    ['incoherent', judged({ incoherent: true })],
    ['a refusal', judged({ refusal: true })],
    ['lost', LOST],
    ['blocked', BLOCKED],
  ])('and mute models: one whose every answer is %s does not pass', (_, answer) => {
    for (const settings of [WIDE, {}]) {
      const engine = engineFor(ITEMS, { ...settings, maxBlocks: 80 });
      const decision = play(
        engine,
        8,
        () => FINE,
        () => answer,
      );
      expect(decision?.verdict).toBe('inconclusive');
      expect(decision?.reasons.length).toBeGreaterThan(0);
    }
  });

  it('in place of a judged one never move any e-process, or the verdict, towards a pass or a fail', () => {
    const hits = fc.uniqueArray(fc.nat(8 * BLOCKS - 1), { maxLength: 8 });
    const place = fc.nat(8 * BLOCKS - 1);
    const arm = fc.constantFrom('candidate', 'baseline');
    fc.assert(
      fc.property(hits, hits, place, arm, fc.constantFrom(...MISSING), (xs, ys, lostAt, lostArm, lost) => {
        const run = (withLoss: boolean) => {
          const engine = engineFor(ITEMS, UNGUARDED);
          const draw = (of: string, bad: readonly number[]) => (index: number, block: number) => {
            const at = block * 8 + index;
            if (withLoss && of === lostArm && at === lostAt) return lost;
            return bad.includes(at) ? BAD : FINE;
          };
          const decision = play(engine, 8, draw('baseline', ys), draw('candidate', xs));
          return { verdict: decision?.verdict, standings: engine.standings() };
        };
        const [whole, holed] = [run(false), run(true)];
        if (whole.verdict !== 'pass') expect(holed.verdict).not.toBe('pass');
        if (whole.verdict !== 'fail') expect(holed.verdict).not.toBe('fail');
        const pairs = (of: typeof whole) =>
          of.standings.map(({ evidence }) => evidence.plus + evidence.zero + evidence.minus);
        if (pairs(whole)[0] !== pairs(holed)[0]) return;
        holed.standings.forEach(({ logEPass, logEFail }, i) => {
          expect(logEPass).toBeLessThanOrEqual((whole.standings[i]?.logEPass ?? 0) + 1e-9);
          expect(logEFail).toBeLessThanOrEqual((whole.standings[i]?.logEFail ?? 0) + 1e-9);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('of a whole item in one arm keep a pass away even where shares of missing answers are allowed', () => {
    const items = battery(60, 1);
    const engine = engineFor(items, {
      margin: 0.3,
      tolerance: 0.1,
      probeMargin: 0.999,
      maxUnjudged: 0.5,
      maxBlocks: 40,
    });
    const decision = play(
      engine,
      60,
      (index) => (index === 7 ? LOST : FINE),
      () => FINE,
    );
    expect(decision?.verdict).toBe('inconclusive');
    expect(decision?.reasons.map(({ code }) => code)).toContain('too-few-items');
  });
});
