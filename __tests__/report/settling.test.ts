import { describe, expect, it } from '@jest/globals';
import type { Report } from '../../src/report/report.js';
import { whatWouldSettle } from '../../src/report/wording.js';
import type { GuardFinding, VerdictSummary } from '../../src/verdict/verdict.js';
import { BY_VERDICT } from './samples.js';

const OPEN = BY_VERDICT.inconclusive as Report & { readonly statistics: VerdictSummary };

const guard = (over: Partial<GuardFinding>): GuardFinding => ({
  code: 'incoherent',
  effect: 'no-pass',
  tripped: true,
  message: 'Found.',
  ...over,
});

const settling = (statistics: Partial<VerdictSummary>) =>
  whatWouldSettle({ ...OPEN, statistics: { ...OPEN.statistics, guards: [], ...statistics } });

describe('what would settle an inconclusive verdict', () => {
  it('is more answers where they would end in a pass', () => {
    expect(settling({})).toEqual([expect.stringContaining('About 1,240 more answers')]);
  });

  it('is no number of answers where a guard tripped for good: its remedy alone', () => {
    expect(settling({ guards: [guard({})] })).toEqual([expect.stringContaining('answer coherently')]);
  });

  it('is more answers, and no remedy, where a guard was merely not shown yet', () => {
    const [only, ...more] = settling({ guards: [guard({ clears: 'when-shown' })] });
    expect(only).toContain('About 1,240 more answers');
    expect(more).toEqual([]);
  });

  it('is both where a share may still come down', () => {
    const sentences = settling({ guards: [guard({ code: 'empty', clears: 'when-rarer' })] });
    expect(sentences.join(' ')).toMatch(/empty answers.*About 1,240 more answers/);
  });

  it('is no figure at all where nothing was measured of a model', () => {
    const { counts } = OPEN.statistics;
    const nothing = { ...counts.candidate, judged: 0, missing: counts.candidate.answers };
    const sentences = settling({ counts: { ...counts, candidate: nothing }, expectedFurtherAnswers: null });
    expect(sentences).toEqual([expect.stringContaining('Nothing was measured')]);
  });

  it('is no remedy of a guard that did not trip or only warns', () => {
    const quiet = [guard({ tripped: false }), guard({ effect: 'warning' })];
    expect(settling({ guards: quiet })).toHaveLength(1);
  });
});
