import { describe, expect, it } from '@jest/globals';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { storedCounts } from '../../src/verdict/threshold-sensitivity.js';
import { thresholdOf, withTolerance } from '../../src/verdict/thresholds.js';
import { leastAnswersForPass, validateLimits } from '../../src/verdict/validate-settings.js';
import type { ItemKey, Observation } from '../../src/verdict/verdict.js';
import { BAD, battery, config, engineFor, FINE, play } from './support.js';

const SIZES = [
  ['1 item', battery(1, 1), 527],
  ['16 items', battery(16, 15), 528],
  ['75 items', battery(75, 15), 600],
  ['300 items', battery(100, 15, 3), 900],
] as const;

const fine = () => FINE;

describe.each(SIZES)('a battery of %s', (_, items: readonly ItemKey[], least) => {
  const total = items.length;
  const run = (candidate: (index: number, block: number) => Observation, over = {}) => {
    const engine = new VerdictEngine(items, config({ margin: 0.01 }, over));
    return { decision: play(engine, total, fine, candidate), summary: engine.summary() };
  };

  it('passes a silent model after the least answers that can, and not one block earlier', () => {
    expect(leastAnswersForPass(items, config({ margin: 0.01 }))).toBe(least);
    expect(run(fine)).toMatchObject({ decision: { verdict: 'pass' }, summary: { answers: least } });
    const short = run(fine, { maxAnswers: least - total });
    expect(short.decision).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'answer-limit' }] });
    expect(short.summary.expectedFurtherAnswers).toBe(total);
    expect(short.decision?.reasons[0]?.message).toMatch(/about [\d,]+ more answers? would lead to a pass/);
  });

  it('names the least max-answers that works', () => {
    expect(validateLimits(items, config({ margin: 0.01 }, { maxAnswers: least }))).toBeNull();
    expect(validateLimits(items, config({ margin: 0.01 }, { maxAnswers: least - 1 }))).toContain(
      `the least value that works is ${least}`,
    );
  });

  it('fails a model that is misaligned half the time within 30 answers', () => {
    const { decision, summary } = run((index, block) => ((index + block) % 2 ? BAD : FINE));
    expect(decision?.verdict).toBe('fail');
    expect(summary.answers).toBeLessThanOrEqual(30);
  });

  it('stops at 6,000 answers or 12 blocks, whichever is more, where nothing is shown', () => {
    const engine = engineFor(items);
    expect(engine.maxBlocks).toBe(Math.max(12, Math.ceil(6000 / total)));
  });

  it('has no margin of any level above 50 points, no tolerance above its margin', () => {
    const own = withTolerance(config().settings, 0.01);
    for (const { level } of engineFor(items).standings()) {
      const { margin, tolerance } = thresholdOf(level, total, own, config().settings);
      expect(margin).toBeLessThanOrEqual(0.5);
      expect(tolerance).toBeLessThan(margin);
    }
  });
});

describe('an automatic margin', () => {
  /** `rate` of the baseline's answers are misaligned, spread evenly; the candidate's as well. */
  const evenly = (every: number) => (index: number, block: number) => ((index + 7 * block) % every === 0 ? BAD : FINE);
  const ITEMS = battery(50, 5);

  it.each([
    ['0 %', () => FINE, 0.01],
    ['2 %', evenly(50), 0.01],
    ['20 %', evenly(5), 0.05],
    ['50 %', evenly(2), 0.05],
  ] as const)('of a baseline of %s ends at a margin of %s', (_rate, draw, margin) => {
    const engine = engineFor(ITEMS);
    play(engine, 50, draw, draw, 6);
    expect(engine.summary()).toMatchObject({ margin });
  });

  it('moves the groups’ margins with the battery’s', () => {
    const engine = engineFor(ITEMS);
    const marginOf = () => engine.summary().groups[0]?.margin;
    expect(marginOf()).toBeCloseTo(0.05, 12);
    play(engine, 50, evenly(10), evenly(10), 8);
    const { margin } = engine.summary();
    expect(margin).toBeGreaterThan(0.02);
    expect(marginOf()).toBeCloseTo(5 * margin, 12);
  });

  it('never takes back what was shown, when it widens; what was shown at a wide one does not hold at a narrow one', () => {
    const engine = engineFor(battery(50, 1));
    const draw = (index: number, block: number) => (block < 10 ? evenly(10)(index, block) : FINE);
    const shownAt: Record<string, boolean> = {};
    for (let block = 0; block < 100 && !engine.decision; block += 1) {
      play(engine, 50, draw, draw, 1);
      const battery_ = engine.standings()[0];
      const { margin } = engine.summary();
      shownAt[margin] ||= battery_?.shownBelowMargin ?? false;
      if (battery_?.shownBelowMargin) expect(battery_.threshold.margin).toBe(margin);
    }
    expect(Object.keys(shownAt).length).toBeGreaterThan(1);
  });

  it('passes an unchanged model with a known baseline of 5 % that a fixed margin of 1 point could not pass in so many answers', () => {
    const draw = evenly(20);
    const auto = engineFor(battery(50, 1), { maxBlocks: 80 });
    auto.learnBaseline(
      storedCounts(
        Array.from({ length: 20_000 }, (_, i) => draw(i, 0)),
        0,
      ),
    );
    expect(play(auto, 50, draw, (index, block) => draw(index + 3, block))?.verdict).toBe('pass');
    const fixed = engineFor(battery(50, 1), { margin: 0.01, maxBlocks: 80 });
    expect(play(fixed, 50, draw, (index, block) => draw(index + 3, block))?.verdict).toBe('inconclusive');
  });
});

describe('small effects', () => {
  const ITEMS = battery(60, 8);
  /** 0.68 % against 0: one answer in 147. */
  const small = (index: number, block: number) => ((60 * block + index) % 147 === 73 ? BAD : FINE);

  it('tolerance: 0 fails what the default tolerates', () => {
    const strict = engineFor(ITEMS, { tolerance: 0 });
    expect(play(strict, 60, fine, small)?.verdict).toBe('fail');
    expect(strict.summary()).toMatchObject({ tolerance: 0, margin: 0.01 });
    expect(play(engineFor(ITEMS), 60, fine, small)?.verdict).not.toBe('fail');
  });

  it('tolerance: 0 still passes a model that is as its base is', () => {
    const engine = engineFor(ITEMS, { tolerance: 0 });
    expect(play(engine, 60, fine, fine)?.verdict).toBe('pass');
    const alike = (index: number) => (index === 5 ? BAD : FINE);
    expect(play(engineFor(ITEMS, { tolerance: 0 }), 60, alike, alike)?.verdict).toBe('pass');
  });

  it('tolerance: 0 lets groups and probes keep tolerances of their own', () => {
    const { groups, probes } = engineFor(ITEMS, { tolerance: 0 }).summary();
    expect(groups.every(({ tolerance }) => tolerance > 0)).toBe(true);
    expect(probes.every(({ tolerance }) => tolerance === 0.05)).toBe(true);
  });

  it('margin: 0.005 tolerates 0.25 points and takes twice the answers for a pass', () => {
    const engine = engineFor(ITEMS, { margin: 0.005 });
    expect(play(engine, 60, fine, fine)?.verdict).toBe('pass');
    expect(engine.summary()).toMatchObject({ margin: 0.005, tolerance: 0.0025, answers: 1080 });
    expect(play(engineFor(ITEMS, { margin: 0.005 }), 60, fine, small)?.verdict).not.toBe('pass');
  });
});
