import { beforeEach, describe, expect, it } from '@jest/globals';
import { Spending, type Tariff } from '../../src/cost/spending.js';

const FREE: Tariff = { candidate: 'free', baseline: 'free', judge: 'free', confirm: 'free' };

let now: number;
let spending: Spending;

beforeEach(() => {
  now = 0;
  spending = new Spending(FREE, { clock: { now: () => now }, maxCostUsd: null });
});

/** A second's work. */
function answered(promptTokens: number, completionTokens: number): void {
  const ended = spending.generating('candidate');
  now += 1000;
  ended({ promptTokens, completionTokens });
}

function read(promptTokens: number): void {
  const ended = spending.reading('judge');
  now += 500;
  ended({ promptTokens, completionTokens: 0 });
}

const speedOf = (role: keyof Tariff) => spending.usage().models[role].tokensPerSecond;

describe('tokens a second', () => {
  it('are what an embedded model writes, of time in which it has something to write', () => {
    answered(1000, 90);
    now += 60_000;
    answered(1000, 110);
    expect(speedOf('candidate')).toBe(100);
  });

  it('count time once in which several answers are written at a time', () => {
    const ends = [spending.generating('candidate'), spending.generating('candidate')];
    now += 2000;
    for (const ended of ends) ended({ promptTokens: 10, completionTokens: 50 });
    expect(speedOf('candidate')).toBe(50);
  });

  it('are known also while an answer is under way, where the run is stopped', () => {
    const ends = [spending.generating('candidate'), spending.generating('candidate')];
    now += 2000;
    ends[0]?.({ promptTokens: 10, completionTokens: 80 });
    expect(speedOf('candidate')).toBe(40);
  });

  it('are what the embedded judge reads, because it writes nothing', () => {
    read(150);
    read(250);
    expect(speedOf('judge')).toBe(400);
    expect(spending.usage().tokens.judge).toEqual({ promptTokens: 400, completionTokens: 0 });
  });

  it('are of this attempt: what earlier ones took is counted, and their time is not known', () => {
    const tokens = { promptTokens: 5_000, completionTokens: 90_000 };
    spending.resume({ requests: 0, tokens: { candidate: tokens, baseline: tokens, judge: tokens, confirm: tokens } });
    expect(speedOf('candidate')).toBeNull();
    answered(10, 80);
    read(200);
    expect(speedOf('candidate')).toBe(80);
    expect(speedOf('judge')).toBe(400);
    expect(spending.usage().tokens.candidate.completionTokens).toBe(90_080);
  });

  it('are unknown where nothing came, and where a server left out its counts', () => {
    spending.generating('baseline')(null);
    const ended = spending.generating('confirm');
    now += 1000;
    ended({ promptTokens: null, completionTokens: null });
    expect([speedOf('baseline'), speedOf('confirm')]).toEqual([null, null]);
  });
});
