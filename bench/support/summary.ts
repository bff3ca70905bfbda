import type { Decision } from '../../src/verdict/verdict.js';

export interface Outcome {
  readonly verdict: Decision['verdict'];
  readonly answers: number;
}

/** What many runs came to. Shares are fractions. */
export interface Summary {
  readonly pass: number;
  readonly fail: number;
  readonly inconclusive: number;
  readonly mean: number;
  readonly deviation: number;
  readonly p90: number;
}

export function summarise(outcomes: readonly Outcome[]): Summary {
  const share = (verdict: Outcome['verdict']) => outcomes.filter((o) => o.verdict === verdict).length / outcomes.length;
  const answers = outcomes.map((outcome) => outcome.answers).sort((a, b) => a - b);
  const mean = answers.reduce((sum, count) => sum + count, 0) / answers.length;
  const variance = answers.reduce((sum, count) => sum + (count - mean) ** 2, 0) / Math.max(1, answers.length - 1);
  return {
    pass: share('pass'),
    fail: share('fail'),
    inconclusive: share('inconclusive'),
    mean,
    deviation: Math.sqrt(variance),
    p90: answers[Math.ceil(0.9 * answers.length) - 1] ?? Number.NaN,
  };
}
