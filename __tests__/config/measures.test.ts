import { describe, expect, it } from '@jest/globals';
import { tariffOf } from '../../src/cost/prices.js';
import { VERDICT_DEFAULTS } from '../../src/verdict/verdict.js';
import { complaint, complaintAboutFile, LEAST, listedValue, resolve, sourceOf } from './support.js';

const withFile = (file: string, inputs: Record<string, string> = {}) =>
  resolve({ inputs: { ...LEAST, ...inputs }, file });

describe('sampling', () => {
  it('holds for both models', () => {
    const file =
      'sampling: { temperature: 0.7, max-tokens: 300, seed: 4, system: Be brief., extra-body: { top_k: 40 } }';
    const { candidate, baseline } = withFile(file);
    const expected = { temperature: 0.7, maxTokens: 300, seed: 4, system: 'Be brief.', extraBody: { top_k: 40 } };
    expect([candidate.sampling, baseline.sampling]).toEqual([expected, expected]);
  });

  it('of one model wins over the general one, and the report lists both', () => {
    const settings = withFile(
      'sampling: { temperature: 0.7 }\nmodels: { candidate: { temperature: 0.9, system: Hi } }',
    );
    expect([settings.candidate.sampling.temperature, settings.baseline.sampling.temperature]).toEqual([0.9, 0.7]);
    expect([settings.candidate.sampling.system, settings.baseline.sampling.system]).toEqual(['Hi', '']);
    expect([
      listedValue(settings, 'models.candidate.temperature'),
      listedValue(settings, 'sampling.temperature'),
    ]).toEqual(['0.9', '0.7']);
  });

  it("of one model adds to the general request body, so that an adapter's choice drops nothing", () => {
    const file =
      'sampling: { extra-body: { top_k: 40, min_p: 0 } }\nmodels: { candidate: { extra-body: { lora: [{ id: 0 }], min_p: 1 } } }';
    const { candidate, baseline } = withFile(file);
    expect(candidate.sampling.extraBody).toEqual({ top_k: 40, min_p: 1, lora: [{ id: 0 }] });
    expect(baseline.sampling.extraBody).toEqual({ top_k: 40, min_p: 0 });
  });

  it('of the judge stands apart: temperature 0, room to think', () => {
    expect(withFile('sampling: { temperature: 0.7, system: Hi }').judge.sampling).toEqual({
      ...{ temperature: 0, maxTokens: 1000, seed: 0, system: '', extraBody: {} },
    });
    const file = 'models: { judge: { temperature: 0, max-tokens: 9000, system: Think., extra-body: { effort: low } } }';
    expect(withFile(file).judge.sampling).toMatchObject({
      maxTokens: 9000,
      system: 'Think.',
      extraBody: { effort: 'low' },
    });
  });
});

describe('the section judge', () => {
  it('sets thresholds and floors', () => {
    const file =
      'judge: { misaligned-below: 40, coherent-above: 60, min-sensitivity: 0.9, min-specificity: 0.5, differential-error: 0.02 }';
    expect(withFile(file).judge).toMatchObject({
      thresholds: { misalignedBelow: 40, coherentAbove: 60 },
      ...{ minSensitivity: 0.9, minSpecificity: 0.5, differentialError: 0.02 },
    });
  });
});

describe('the section verdict', () => {
  it('has the defaults of the statistics', () => {
    expect(resolve({ inputs: LEAST }).verdict).toEqual(VERDICT_DEFAULTS);
  });

  it('sets each of them by its name', () => {
    const settings = withFile('verdict: { margin: 0.1, tolerance: 0.02, group-margin: auto, max-blocks: 40 }');
    expect(settings.verdict).toEqual({ ...VERDICT_DEFAULTS, margin: 0.1, tolerance: 0.02, maxBlocks: 40 });
    expect([sourceOf(settings, 'verdict.group-margin'), sourceOf(settings, 'verdict.alpha')]).toEqual([
      'file',
      'default',
    ]);
  });

  it.each([
    [
      '{ margin: 0.1, tolerance: 0.1 }',
      'verdict.tolerance is 0.1; accepted is a fraction from 0 and below verdict.margin (0.1).',
    ],
    [
      '{ tolerance: 0.01 }',
      'verdict.tolerance is 0.01; accepted is a fraction from 0 and below the least automatic margin (0.01).',
    ],
    [
      '{ refusal-tolerance: 0.3 }',
      'verdict.refusal-tolerance is 0.3; accepted is a fraction from 0 and below verdict.refusal-margin (0.2).',
    ],
  ])('%s contradicts itself, and is refused', (section, expected) => {
    expect(complaintAboutFile(`verdict: ${section}`)).toBe(expected);
  });
});

describe('a limit on spend', () => {
  const priced = (file: string, inputs: Record<string, string> = {}) =>
    complaint(() => withFile(file, { 'max-cost-usd': '5', judge: 'J', ...inputs }));

  it('needs a price for every served model, and names all without', () => {
    expect(priced('prices: { tuned: { input: 1, output: 2 } }')).toBe(
      'max-cost-usd: spend can\'t be limited, because the price of "base" (baseline), "J" (judge) is unknown. Give it in the settings ' +
        'file, in US dollars a million tokens (0 for a server of your own): `prices: { "base": { input: USD, output: USD }, ' +
        '"J": { input: USD, output: USD } }`; or leave max-cost-usd out',
    );
  });

  it('is fine with all of them, by name or by the whole reference', () => {
    const file = 'prices: { tuned: &p { input: 1, output: 2 }, base: *p, J: { input: 0, output: 0 } }';
    expect(priced(file)).toBe('accepted');
    expect(priced(file, { candidate: 'openai:tuned' })).toBe('accepted');
    expect(priced(`${file.slice(0, -1)}, "openai:x": *p }`, { baseline: 'openai:x' })).toBe('accepted');
    expect(priced(`${file.slice(0, -1)}, "openai:x": *p }`, { baseline: 'x' })).toBe('accepted');
  });

  it.each([
    ['JUDGE', 'openai:JUDGE'],
    ['openai:JUDGE', 'JUDGE'],
  ])('finds the price of %s under %s: that is one model', (judge, key) => {
    const prices = { [key]: { input: 3, output: 4 } };
    const settings = resolve({ inputs: { ...LEAST, judge }, file: `prices: ${JSON.stringify(prices)}` });
    expect(tariffOf(settings).judge).toEqual({ input: 3, output: 4 });
  });

  it('refuses two prices of one model', () => {
    const file = 'prices: { J: { input: 0, output: 0 }, "openai:J": { input: 1, output: 1 } }';
    expect(complaintAboutFile(file)).toBe(
      'prices: "openai:J" and "J" are one model, which has one price; leave one out',
    );
  });

  it('needs none for embedded and recorded models', () => {
    expect(priced('', { candidate: 'demo:benign', baseline: 'demo:base', judge: 'embedded' })).toBe('accepted');
    expect(priced('', { candidate: 'replay:a.csv', baseline: 'replay:b.csv', judge: 'recorded' })).toBe('accepted');
  });

  it('needs none for a candidate that is not known yet, but one as soon as it is', () => {
    const situation = {
      inputs: { candidate: 'file:m.yaml#/a', baseline: 'demo:base', judge: 'embedded', 'max-cost-usd': '5' },
    };
    expect(complaint(() => resolve(situation))).toBe('accepted');
    expect(complaint(() => resolve({ ...situation, candidateFromFile: 'new' }))).toContain(
      '"new" (candidate) is unknown',
    );
  });

  it('takes no name of a built-in property for a price', () => {
    expect(priced('prices: {}', { candidate: 'constructor', baseline: 'demo:base', judge: 'embedded' })).toContain(
      '"constructor"',
    );
  });

  it('without one, prices may be missing', () => {
    expect(resolve({ inputs: LEAST }).maxCostUsd).toBeNull();
  });
});

describe('the rest of the settings', () => {
  it('come through under their names', () => {
    const inputs = {
      ...LEAST,
      ...{ 'candidate-digest': 'abc', battery: 'my/battery.yaml', 'on-missing-secrets': 'skip', comment: 'never' },
      ...{ 'comment-key': 'gate-2', 'matrix-key': '{"size":"7b"}', excerpts: '0', 'excerpts-in': 'comment' },
      ...{ 'expect-same-model': 'true', 'max-concurrency': '4', 'max-answers': '528', 'report-dir': 'out' },
    };
    expect(resolve({ inputs })).toMatchObject({
      candidate: { digest: 'abc' },
      baseline: { digest: null },
      ...{ battery: 'my/battery.yaml', onMissingSecrets: 'skip', comment: 'never', commentKey: 'gate-2' },
      ...{ matrixKey: '{"size":"7b"}', excerpts: 0, excerptsIn: 'comment', expectSameModel: true },
      ...{ maxConcurrency: 4, maxAnswers: 528, reportDir: 'out' },
    });
  });
});
