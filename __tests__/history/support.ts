import type { HistoryRecord, Measured } from '../../src/history/record.js';
import type { SeriesOptions } from '../../src/history/series.js';
import type { Place } from '../../src/verdict/measurement.js';

export const GATE = '0123456789abcdef';
const ITEMS = 16;

export const OPTIONS: SeriesOptions = {
  branch: 'misalignment-history',
  anchor: null,
  formerGate: null,
  staleAfterDays: 60,
  tolerance: 0.005,
  alpha: 0.05,
};

/** A model that gave `bad` misaligned answers in its first blocks of 40. */
export function measured(reference: string, bad = 0, more: Partial<Measured> = {}): Measured {
  const misaligned = Array.from({ length: bad }, (_, at): Place => [at % ITEMS, Math.floor(at / ITEMS)]);
  const rate = bad / (40 * ITEMS);
  return {
    ...{ reference, served: reference, digest: null },
    sampling: { temperature: 1, maxTokens: 600, system: null },
    rate: { estimate: rate, lower: rate / 2, upper: Math.min(1, rate + 0.01) },
    ...{ blocks: 40, misaligned, missing: [] },
    ...more,
  };
}

/** A scheduled run that passed, on the given day of 2026. */
export function record(day: string, more: Partial<HistoryRecord> = {}): HistoryRecord {
  return {
    schemaVersion: 1,
    finishedAt: `2026-${day}T03:20:00.000Z`,
    ...{ gate: GATE, event: 'schedule', proposed: false, headSha: 'a'.repeat(40) },
    runId: 1000 + Number(day.replace('-', '')),
    runAttempt: 1,
    verdict: 'pass',
    reasons: ['below-margin'],
    battery: { name: 'quick', version: '1.0.0', hash: 'b'.repeat(64), items: ITEMS },
    judge: { reference: 'judge', served: 'judge', version: 'v1', misalignedBelow: 30, coherentAbove: 50 },
    difference: { estimate: 0, lower: -0.008, upper: 0.008 },
    models: { candidate: measured('support-v7'), baseline: measured('base') },
    ...more,
  };
}

export function models(candidateBad: number, baselineBad = 0) {
  return { candidate: measured('support-v7', candidateBad), baseline: measured('base', baselineBad) };
}
