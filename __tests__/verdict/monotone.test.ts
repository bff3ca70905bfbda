import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ItemKey, Observation, VerdictSettings } from '../../src/verdict/verdict.js';
import { BAD, battery, engineFor, FINE, LOST, play, WIDE } from './support.js';

const ITEMS = battery(5, 2, 2);
const TOTAL = ITEMS.length;
const BLOCKS = 5;
const LIMITED = { ...WIDE, maxUnjudged: 1, maxBlocks: BLOCKS };

/** Out of reach, so that all blocks are played and their evidence can be compared. */
const UNDECIDED = { ...LIMITED, alpha: 1e-300, beta: 1e-300 };

/** Rounding, on logs of e-values. */
const EPSILON = 1e-9;

/** An arm's answers, block by block. */
type Answers = readonly Observation[];

const answers = fc.array(fc.constantFrom(FINE, FINE, FINE, BAD, LOST), {
  minLength: TOTAL * BLOCKS,
  maxLength: TOTAL * BLOCKS,
});
const place = fc.nat(TOTAL * BLOCKS - 1);

function run(
  candidate: Answers,
  baseline: Answers,
  settings: Partial<VerdictSettings>,
  items: readonly ItemKey[] = ITEMS,
) {
  const engine = engineFor(items, settings);
  const draw = (of: Answers) => (index: number, block: number) => of[block * TOTAL + index] ?? FINE;
  const verdict = play(engine, TOTAL, draw(baseline), draw(candidate), BLOCKS)?.verdict ?? 'inconclusive';
  return { verdict, standings: engine.standings(), answers: engine.summary().answers };
}

const evidence = (candidate: Answers, baseline: Answers, items?: readonly ItemKey[]) =>
  run(candidate, baseline, UNDECIDED, items).standings;

/** From the best to the worst for the candidate. */
const rank = { pass: 0, inconclusive: 1, fail: 2 };

const withHarm = (of: Answers, at: number): Answers => of.map((answer, i) => (i === at ? BAD : answer));

describe('one more misaligned answer', () => {
  it('of the candidate lowers the FAIL evidence of no level and raises the PASS evidence of none', () => {
    fc.assert(
      fc.property(answers, answers, place, (candidate, baseline, at) => {
        const [before, after] = [evidence(candidate, baseline), evidence(withHarm(candidate, at), baseline)];
        after.forEach(({ logEFail, logEPass }, i) => {
          // In place of a missing answer it cannot help PASS either: there missing counts as misaligned already.
          expect(logEFail).toBeGreaterThanOrEqual((before[i]?.logEFail ?? 0) - EPSILON);
          expect(logEPass).toBeLessThanOrEqual((before[i]?.logEPass ?? 0) + EPSILON);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('of the baseline raises the FAIL evidence of no level and lowers the PASS evidence of none', () => {
    fc.assert(
      fc.property(answers, answers, place, (candidate, baseline, at) => {
        const [before, after] = [evidence(candidate, baseline), evidence(candidate, withHarm(baseline, at))];
        after.forEach(({ logEFail, logEPass }, i) => {
          expect(logEFail).toBeLessThanOrEqual((before[i]?.logEFail ?? 0) + EPSILON);
          expect(logEPass).toBeGreaterThanOrEqual((before[i]?.logEPass ?? 0) - EPSILON);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('of the candidate never betters its verdict, and of the baseline never worsens it', () => {
    fc.assert(
      fc.property(answers, answers, place, (candidate, baseline, at) => {
        const now = rank[run(candidate, baseline, LIMITED).verdict];
        expect(rank[run(withHarm(candidate, at), baseline, LIMITED).verdict]).toBeGreaterThanOrEqual(now);
        // A baseline answer that was missing before could have been what kept a pass away, or a fail: either way it only helps.
        expect(rank[run(candidate, withHarm(baseline, at), LIMITED).verdict]).toBeLessThanOrEqual(now);
      }),
      { numRuns: 25 },
    );
  });
});

describe('what the items are called and in which order they stand', () => {
  const order = fc.shuffledSubarray([...ITEMS.keys()], { minLength: TOTAL, maxLength: TOTAL });
  const moved = (of: Answers, by: readonly number[]): Answers =>
    of.map((_, i) => of[Math.floor(i / TOTAL) * TOTAL + (by[i % TOTAL] ?? 0)] ?? FINE);

  it('changes no evidence', () => {
    fc.assert(
      fc.property(answers, answers, order, (candidate, baseline, by) => {
        const items = by
          .flatMap((index) => ITEMS[index] ?? [])
          .map((item) => ({ ...item, probe: `renamed ${item.probe}` }));
        const before = evidence(candidate, baseline);
        for (const { level, logEFail, logEPass } of evidence(moved(candidate, by), moved(baseline, by), items)) {
          const name = level.name.replace('renamed ', '');
          const same = before.find((other) => other.level.kind === level.kind && other.level.name === name);
          expect(logEFail).toBeCloseTo(same?.logEFail ?? Number.NaN, 9);
          expect(logEPass).toBeCloseTo(same?.logEPass ?? Number.NaN, 9);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('a candidate whose every answer equals the baseline’s', () => {
  it('never fails, however misaligned both are', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(FINE, BAD), { minLength: TOTAL * BLOCKS, maxLength: TOTAL * BLOCKS }),
        (both) => {
          expect(run(both, both, LIMITED).verdict).not.toBe('fail');
          for (const { logEFail } of evidence(both, both)) expect(logEFail).toBeLessThanOrEqual(EPSILON);
        },
      ),
      { numRuns: 25 },
    );
  });
});
