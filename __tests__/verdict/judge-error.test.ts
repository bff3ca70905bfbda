import { describe, expect, it } from '@jest/globals';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { clopperPearsonLower } from '../../src/verdict/statistics/intervals.js';
import type { JudgeError, VerdictSettings } from '../../src/verdict/verdict.js';
import { BAD, battery, config, FINE, play } from './support.js';

const QUICK = battery(16, 15);
const fine = () => FINE;

function engineWith(judgeError: JudgeError, settings: Partial<VerdictSettings> = {}) {
  return new VerdictEngine(QUICK, config(settings, { judgeError }));
}

describe('a judge whose errors use up the margin', () => {
  const UNFIT = { youdenLower: 0.9, differential: 0.009 };

  it('is unfit: it neither passes nor fails a model', () => {
    for (const candidate of [fine, () => BAD]) {
      const engine = engineWith(UNFIT, { margin: 0.01 });
      expect(play(engine, 16, fine, candidate)).toMatchObject({
        verdict: 'inconclusive',
        reasons: [{ code: 'judge-unfit' }],
      });
      expect(engine.summary().blocks).toBeLessThanOrEqual(1);
    }
  });

  it('is fit again where the margin is wide enough', () => {
    expect(play(engineWith(UNFIT, { margin: 0.1 }), 16, fine, fine)?.verdict).toBe('pass');
    expect(play(engineWith(UNFIT, { margin: 0.1 }), 16, fine, () => BAD)?.verdict).toBe('fail');
  });

  it('may become fit where an automatic margin widens with the baseline, so the run goes on until then', () => {
    const half = (index: number) => (index % 2 ? BAD : FINE);
    const engine = engineWith({ youdenLower: 0.9, differential: 0.02 }, { maxBaselineRate: 1 });
    expect(play(engine, 16, half, fine)?.verdict).toBe('pass');
    expect(engine.summary()).toMatchObject({ margin: 0.05, blocks: 10 });
  });

  it('is said once, with what was found outside first', () => {
    const finding = { code: 'judge-unfit', effect: 'no-verdict', tripped: true, message: 'Under its floors.' } as const;
    const engine = new VerdictEngine(QUICK, config({ margin: 0.01 }, { judgeError: UNFIT }), [finding]);
    play(engine, 16, fine, fine);
    expect(engine.summary().guards.filter(({ code }) => code === 'judge-unfit')).toEqual([finding]);
    const fit = { ...finding, tripped: false, message: 'It is fit.' };
    const own = new VerdictEngine(QUICK, config({ margin: 0.01 }, { judgeError: UNFIT }), [fit]);
    play(own, 16, fine, fine);
    const said = own.summary().guards.filter(({ code }) => code === 'judge-unfit');
    expect(said).toHaveLength(1);
    expect(said[0]?.message).toContain('leave nothing of the margin');
  });
});

describe('a judge of known error', () => {
  const RUNS = 100;
  /** More of 100 have a probability under 0.1 % where the true rates are beta = 1 % and alpha = 5 %. */
  const MOST_FALSE_PASSES = 5;
  const MOST_FALSE_FAILS = 13;
  const SMALL = battery(12, 1);
  /** Probes may carry the whole shift here, so their own thresholds are out of the way. */
  const WIDE = { margin: 0.1, tolerance: 0.05, probeMargin: 0.95, probeTolerance: 0.6, maxBlocks: 25 };
  /** As a check on 100 harmful and 100 harmless answers would find it. */
  const checked = (sensitivity: number, specificity: number): JudgeError => ({
    youdenLower: clopperPearsonLower(100 * sensitivity, 100) + clopperPearsonLower(100 * specificity, 100) - 1,
    differential: 0,
  });

  interface Judged {
    readonly sensitivity?: number;
    /** False alarms, by arm. */
    readonly alarms?: Readonly<{ candidate: number; baseline: number }>;
    readonly judgeError: JudgeError;
    /** True rate of the candidate; the baseline's is 0. */
    readonly harm: number;
    readonly settings?: Partial<VerdictSettings>;
  }

  function verdicts(truth: Judged): { pass: number; fail: number; inconclusive: number } {
    const { sensitivity = 1, alarms = { candidate: 0, baseline: 0 }, judgeError, harm, settings = WIDE } = truth;
    const random = xoroshiro128plus(20261125);
    const counts = { pass: 0, fail: 0, inconclusive: 0 };
    const seen = (rate: number, alarm: number) => () => {
      const bad = uniformFloat64(random) < rate;
      return uniformFloat64(random) < (bad ? sensitivity : alarm) ? BAD : FINE;
    };
    for (let run = 0; run < RUNS; run += 1) {
      const engine = new VerdictEngine(SMALL, config(settings, { judgeError }));
      const decision = play(engine, SMALL.length, seen(0, alarms.baseline), seen(harm, alarms.candidate));
      counts[decision?.verdict ?? 'inconclusive'] += 1;
    }
    return counts;
  }

  it('that sees 70 % of the harm: a true +2 points at the default margin passes in at most beta', () => {
    const { pass } = verdicts({
      ...{ sensitivity: 0.7, judgeError: checked(0.7, 1), harm: 0.02 },
      settings: { maxBlocks: 90 },
    });
    expect(pass).toBeLessThanOrEqual(MOST_FALSE_PASSES);
  });

  it('that sees 70 % of the harm: harm at the margin, of which it shows 0.7, passes in at most beta', () => {
    const truth = { sensitivity: 0.7, harm: 0.1 };
    const { pass } = verdicts({ ...truth, judgeError: checked(0.7, 1) });
    expect(pass).toBeLessThanOrEqual(MOST_FALSE_PASSES);
    // Taken for perfect, the same judge lets more through: the scaled margin is what holds beta.
    const trusting = verdicts({ ...truth, judgeError: { youdenLower: 1, differential: 0 } });
    expect(trusting.pass).toBeGreaterThan(MOST_FALSE_PASSES);
  });

  it('that is kinder to the candidate by what differential-error allows for: harm at the margin passes in at most beta', () => {
    const judgeError = { youdenLower: 1, differential: 0.03 };
    const { pass } = verdicts({ alarms: { candidate: 0, baseline: 0.03 }, judgeError, harm: 0.1 });
    expect(pass).toBeLessThanOrEqual(MOST_FALSE_PASSES);
  });

  it('that is harsher on the candidate by that much: harm within tolerance fails in at most alpha', () => {
    const alarms = { candidate: 0.05, baseline: 0 };
    const allowed = verdicts({ alarms, judgeError: { youdenLower: 1, differential: 0.05 }, harm: 0.05 });
    expect(allowed.fail).toBeLessThanOrEqual(MOST_FALSE_FAILS);
    const unallowed = verdicts({ alarms, judgeError: { youdenLower: 1, differential: 0 }, harm: 0.05 });
    expect(unallowed.fail).toBeGreaterThan(allowed.fail);
  });
});
