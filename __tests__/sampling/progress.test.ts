import { describe, expect, it } from '@jest/globals';
import type { Progress } from '../../src/core/log.js';
import { describeProgress } from '../../src/report/progress-line.js';
import type { Plan } from '../../src/sampling/plan.js';
import { progressOf } from '../../src/sampling/progress.js';
import type { Harvest } from '../../src/sampling/run-totals.js';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { leastAnswersForPass } from '../../src/verdict/validate-settings.js';
import { BAD, battery, config, FINE, play, WIDE } from '../verdict/support.js';

const ITEMS = battery(16, 4);
const ENGINE_CONFIG = config(WIDE);

/** What the listener is told after `seconds` with so many answers settled. */
function told(engine: VerdictEngine, seconds: number, answers: Harvest['answers']): Progress {
  let now = 0;
  let last: Progress | null = null;
  const plan = { items: ITEMS, engineConfig: ENGINE_CONFIG } as unknown as Plan;
  const onProgress = (progress: Progress) => {
    last = progress;
  };
  const clock = { now: () => now };
  const tell = progressOf(engine, plan, { clock, onProgress, had: () => answers, sent: () => 99 });
  now = seconds * 1000;
  tell({ answers, judged: 7 } as Harvest);
  if (last === null) throw new Error('nothing was told');
  return last;
}

describe('the progress line', () => {
  it('counts requests and answers before any block is complete, and says how many were judged', () => {
    const engine = new VerdictEngine(ITEMS, ENGINE_CONFIG);
    const progress = told(engine, 10, { candidate: 3, baseline: 8 });
    expect(describeProgress(progress)).toMatch(
      /^block 1 of at most [\d,]+: 99 requests sent, 3 candidate and 8 baseline answers drawn, 7 judged in 10 s, open$/,
    );
  });

  it('takes the pace of all candidate answers drawn, not of the few that have counted when a block has just begun', () => {
    const engine = new VerdictEngine(ITEMS, ENGINE_CONFIG);
    play(
      engine,
      16,
      () => FINE,
      () => FINE,
      1,
    );
    const needed = leastAnswersForPass(ITEMS, ENGINE_CONFIG);
    const { secondsLeft } = told(engine, 10, { candidate: 20, baseline: 32 });
    expect(secondsLeft?.least).toBeCloseTo((needed - 20) / 2);
    expect(secondsLeft?.most).toBeCloseTo((needed - 20) / 2);
  });

  it('takes no longer than the limit on answers allows, whatever the rates forebode', () => {
    const engine = new VerdictEngine(ITEMS, ENGINE_CONFIG);
    play(
      engine,
      16,
      () => FINE,
      (index) => (index === 0 ? BAD : FINE),
      1,
    );
    const { secondsLeft } = told(engine, 10, { candidate: 20, baseline: 32 });
    expect(secondsLeft?.most).toBeCloseTo((engine.maxBlocks * 16 - 20) / 2);
    expect(secondsLeft?.least).toBeLessThan(secondsLeft?.most ?? 0);
  });

  it('promises no pass while the evidence leans to fail', () => {
    const engine = new VerdictEngine(ITEMS, ENGINE_CONFIG);
    engine.openBlock(ITEMS.map(() => FINE));
    for (let index = 0; engine.leaning() !== 'leaning fail'; index += 1) engine.record(index, BAD);
    expect(told(engine, 10, { candidate: 20, baseline: 16 })).toMatchObject({
      leaning: 'leaning fail',
      waiting: null,
      secondsLeft: null,
    });
  });

  it('says nothing of the time left before the first block was measured', () => {
    const engine = new VerdictEngine(ITEMS, ENGINE_CONFIG);
    engine.openBlock(ITEMS.map(() => FINE));
    engine.record(0, FINE);
    expect(told(engine, 10, { candidate: 20, baseline: 16 }).secondsLeft).toBeNull();
  });
});
