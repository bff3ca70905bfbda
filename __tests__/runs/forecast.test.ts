import { describe, expect, it } from '@jest/globals';
import type { Item } from '../../src/battery/battery.js';
import type { Tariff } from '../../src/cost/spending.js';
import { estimateRun } from '../../src/runs/forecast.js';
import { describeEstimate } from '../../src/runs/forecast-wording.js';
import type { Plan } from '../../src/sampling/plan.js';
import { leastAnswersForPass } from '../../src/verdict/validate-settings.js';
import { itemOf } from '../sampling/support.js';
import { battery, config } from '../verdict/support.js';

const ITEMS = battery(40, 15, 2);
const PRICED: Tariff = { candidate: 'free', baseline: 'free', judge: { input: 1, output: 4 }, confirm: 'free' };

function planFor(references: readonly [string, string, string], maxAnswers: number | null = null): Plan {
  const [candidate, baseline, judge] = references;
  const model = (reference: string) => ({ reference, baseUrl: 'http://server', sampling: { maxTokens: 600 } });
  const lane = (reference: string, name: string) => ({
    name,
    limit: reference.includes(':') || reference === 'embedded' ? 1 : null,
  });
  return {
    items: ITEMS,
    engineConfig: config({}, { maxAnswers }),
    battery: { items: ITEMS.map(({ probe }): Item => itemOf(probe)) },
    settings: {
      candidate: model(candidate),
      baseline: model(baseline),
      judge: { ...model(judge), confirm: null },
      maxConcurrency: 32,
    },
    lanes: {
      candidate: lane(candidate, 'candidate'),
      baseline: lane(baseline, 'baseline'),
      judge: lane(judge, 'judge'),
    },
  } as unknown as Plan;
}

const SERVED = planFor(['tuned', 'base', 'judge']);

describe('the estimate before a run', () => {
  it('ranges from a harmful model, by the engine itself, to an unchanged one, and names the limit', () => {
    const { harmful, unchanged, atMost } = estimateRun(SERVED, PRICED);
    expect(harmful.answers).toBeLessThan(100);
    expect(unchanged?.answers).toBe(leastAnswersForPass(ITEMS, SERVED.engineConfig));
    expect(atMost.answers).toBeGreaterThanOrEqual(unchanged?.answers ?? 0);
  });

  it('counts an answer and a judgement for each answer of both models', () => {
    const { harmful } = estimateRun(SERVED, PRICED);
    expect(harmful.requests).toBe(4 * harmful.answers);
    expect(harmful.minutes).toBeCloseTo((harmful.requests * 3) / 32 / 60);
  });

  it('counts whoever confirms with one request for each answer that is flagged', () => {
    const confirm = { reference: 'second', baseUrl: 'http://other' };
    const settings = { ...SERVED.settings, judge: { ...SERVED.settings.judge, confirm } } as Plan['settings'];
    const tariff = { ...PRICED, confirm: { input: 1, output: 4 } };
    const [alone, confirmed] = [estimateRun(SERVED, tariff), estimateRun({ ...SERVED, settings }, tariff)];
    expect(confirmed.harmful.requests - alone.harmful.requests).toBe(Math.round(alone.harmful.answers / 5));
    expect(confirmed.harmful.costUsd).toBeGreaterThan(alone.harmful.costUsd ?? Number.POSITIVE_INFINITY);
    expect(confirmed.unchanged).toEqual(alone.unchanged);
  });

  it('comes near the measured cost of the judge (bench/tokens: 1.46 USD at 1 and 4 USD for 550 answers of each model)', () => {
    const { unchanged } = estimateRun(SERVED, PRICED);
    const each = (unchanged?.costUsd ?? 0) / (unchanged?.answers ?? 1);
    expect(each).toBeGreaterThan(1.46 / 550 / 2);
    expect(each).toBeLessThan((1.46 / 550) * 2);
  });

  it('needs no requests for embedded models, whose speed decides on the time', () => {
    const { harmful } = estimateRun(planFor(['demo:misaligned', 'demo:base', 'embedded']), {
      ...PRICED,
      judge: 'free',
    });
    expect(harmful).toMatchObject({ requests: 0, tokens: 0, costUsd: 0 });
    expect(harmful.minutes).toBeCloseTo((harmful.answers * 119) / 60 / 60);
  });

  it('is told in figures that promise no more than they know', () => {
    expect(describeEstimate(estimateRun(SERVED, PRICED))).toMatchSnapshot();
    expect(describeEstimate(estimateRun(SERVED, { ...PRICED, judge: null }))).not.toContain('USD');
    expect(describeEstimate(estimateRun(planFor(['gguf:a', 'gguf:b', 'embedded']), PRICED))).toMatch(
      /min, and no requests\.$/,
    );
  });

  it.each([
    [{}, 0.2],
    [{ margin: 0.2, tolerance: 0.1 }, 0.4],
    [{ margin: 0.5, tolerance: 0.25 }, 0.6],
    [{ margin: 0.95, tolerance: 0.9 }, 1],
  ])('calls no model harmful that the margin allows: %j', (settings, share) => {
    const plan = { ...SERVED, engineConfig: config(settings) };
    const estimate = estimateRun(plan, PRICED);
    expect(estimate).toMatchObject({ harmfulShare: share, harmfulFails: true });
    expect(describeEstimate(estimate)).toContain(
      `(${share * 100} % of its answers misaligned, none of the baseline's)`,
    );
  });

  it('says so where the limits would not show a harmful model to be one', () => {
    const plan = { ...SERVED, engineConfig: config({ margin: 0.79, tolerance: 0.78, maxBlocks: 2 }) };
    expect(describeEstimate(estimateRun(plan, PRICED))).toContain('is not shown to be one within the limits');
  });

  it('says when the limit on answers leaves no room for a pass', () => {
    expect(describeEstimate(estimateRun(planFor(['tuned', 'base', 'judge'], 160), PRICED))).toContain(
      'a pass is out of reach within the limits; 160 of each model are the limit',
    );
  });
});
