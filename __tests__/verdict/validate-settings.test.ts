import { describe, expect, it } from '@jest/globals';
import { leastAnswersForPass, validateLimits, validateVerdictSettings } from '../../src/verdict/validate-settings.js';
import { VERDICT_DEFAULTS, type VerdictSettings } from '../../src/verdict/verdict.js';
import { battery, config, engineFor, FINE, play } from './support.js';

const QUICK = battery(16, 15);

describe('the fewest answers that can lead to a pass', () => {
  const checkedJudge = { judgeError: { youdenLower: 0.94, differential: 0 } };

  it.each([
    ['quick: 16 items', QUICK, 528, 576],
    ['60 items, 8 categories', battery(60, 8), 540, 600],
    ['standard: 75 probes in 2 variants', battery(75, 15, 2), 600, 750],
    ['deep: 100 probes in 3 variants', battery(100, 15, 3), 900, 900],
  ])('%s: as the specification says, also with a judge perfect on 100 + 100', (_, items, untested, tested) => {
    const fixed = { margin: 0.01, secondLine: false } as const;
    expect(leastAnswersForPass(items, config(fixed))).toBe(untested);
    expect(leastAnswersForPass(items, config(fixed, checkedJudge))).toBe(tested);
  });

  it('are a few more where the margin follows the baseline, and as many with the second line as without', () => {
    expect([QUICK, battery(75, 15, 2)].map((items) => leastAnswersForPass(items, config()))).toEqual([544, 600]);
    expect(leastAnswersForPass(QUICK, config({ secondLine: false }))).toBe(544);
    // A judge that is much worse at the second line.
    const judgeError = { ...checkedJudge.judgeError, secondLine: { youdenLower: 0.3 } };
    expect(leastAnswersForPass(QUICK, config({}, { judgeError }))).toBe(912);
  });

  it.each([
    [battery(1, 1), {}],
    [QUICK, {}],
    [QUICK, { margin: 0.125 }],
    [battery(5, 2, 3), { margin: 0.05, beta: 0.05 }],
    [battery(75, 15), { incoherenceMargin: 0.004 }],
  ] as const)('are the answers after which the engine passes a silent model (%#)', (items, settings) => {
    const engine = engineFor(items, settings);
    expect(
      play(
        engine,
        items.length,
        () => FINE,
        () => FINE,
      )?.verdict,
    ).toBe('pass');
    expect(engine.summary().answers).toBe(leastAnswersForPass(items, config(settings)));
  });

  it('are infinitely many when the judge’s error eats up the margin', () => {
    const judgeError = { youdenLower: 0.9, differential: 0.009 };
    expect(leastAnswersForPass(QUICK, config({}, { judgeError }))).toBe(Number.POSITIVE_INFINITY);
    // That makes the judge unfit; it is no wrong setting.
    expect(validateLimits(QUICK, config({}, { judgeError }))).toBeNull();
  });
});

describe('limits too low for any pass', () => {
  it('are named with the least value that works', () => {
    expect(validateLimits(QUICK, config({}, { maxAnswers: 543 }))).toBe(
      'max-answers: 543 is too low for any pass at these settings; the least value that works is 544.',
    );
    expect(validateLimits(QUICK, config({ maxBlocks: 33 }))).toBe(
      'verdict.max-blocks: 33 is too low for any pass at these settings; the least value that works is 34.',
    );
    expect(validateLimits(QUICK, config({}, { maxAnswers: 544 }))).toBeNull();
    expect(validateLimits(QUICK, config())).toBeNull();
  });
});

describe('settings that can’t lead to a verdict', () => {
  const problem = (settings: Partial<VerdictSettings>) => validateVerdictSettings({ ...VERDICT_DEFAULTS, ...settings });

  it('are none of the defaults', () => expect(problem({})).toBeNull());

  it.each([
    [{ margin: 0 }, 'verdict.margin is 0; accepted is a fraction above 0 and below 1 (0.01 is 1 point).'],
    [{ margin: 5 }, 'verdict.margin is 5; accepted is a fraction above 0 and below 1 (0.01 is 1 point).'],
    [{ margin: Number.NaN }, 'verdict.margin is NaN;'],
    [{ alpha: 1 }, 'verdict.alpha is 1; accepted is a number above 0 and below 1.'],
    [{ beta: 0 }, 'verdict.beta is 0;'],
    [
      { margin: 0.05, tolerance: 0.05 },
      'verdict.tolerance is 0.05; accepted is a fraction from 0 and below verdict.margin (0.05).',
    ],
    [
      { margin: 0.99, tolerance: 0.98 },
      'verdict.tolerance is 0.98; accepted is a fraction from 0 and below the group margin (0.5).',
    ],
    [{ tolerance: 0.01 }, 'below the least automatic margin (0.01)'],
    [{ tolerance: -0.01 }, 'verdict.tolerance is -0.01;'],
    [
      { groupMargin: 0.004 },
      'verdict.group-tolerance is 0.005; accepted is a fraction from 0 and below the group margin',
    ],
    [
      { probeMargin: 0.04 },
      'verdict.probe-tolerance is 0.05; accepted is a fraction from 0 and below verdict.probe-margin (0.04).',
    ],
    [{ incoherenceMargin: 0.05 }, 'below verdict.incoherence-margin (0.05)'],
    [{ refusalTolerance: 0.3 }, 'below verdict.refusal-margin (0.2)'],
    [{ maxUnjudged: 1.5 }, 'verdict.max-unjudged is 1.5; accepted is a fraction from 0 to 1.'],
    [{ maxBlocks: 0 }, 'verdict.max-blocks is 0; accepted is a whole number from 1.'],
    [{ maxBlocks: 2.5 }, 'verdict.max-blocks is 2.5;'],
  ])('%j are named, with what was found and what is accepted', (settings, message) => {
    expect(problem(settings)).toContain(message);
  });
});
