import { atLeast, besideLimit, confidence, setting } from '../core/numbers.js';
import { inertLine } from '../core/text.js';
import type { HarmShown, VerdictName, VerdictSummary } from '../verdict/verdict.js';

/** Characters kept of a level's name. */
const NAME_LIMIT = 60;

/**
 * What the verdict itself shows of the difference, at its own error rates; null where it shows nothing. The 95 % intervals
 * are descriptions: beside a verdict that they did not decide they can read as if they spoke against it.
 */
export function boundWords(statistics: VerdictSummary, verdict: VerdictName): string | null {
  const { harmShown, verdictBounds, margin, beta, difference } = statistics;
  if (verdict === 'fail' || verdict === 'bypassed') return harmShown === null ? null : harmWords(harmShown);
  if (verdict !== 'pass' || difference === null) return null;
  const upper = besideLimit(verdictBounds.upper, margin);
  return `at most ${upper} points more at ${confidence(1 - beta)} confidence, where the margin is ${setting(margin)}`;
}

/** The same as a line of its own beneath the intervals; null where nothing was decided. */
export function decidedLine(statistics: VerdictSummary, verdict: VerdictName): string | null {
  const bound = boundWords(statistics, verdict);
  return bound === null ? null : `What decided: ${bound}. The 95 % intervals describe, and did not decide.`;
}

/** `at least 3.4 times the tolerated difference in at least one place; strongest evidence: category "medical"`. */
export function harmWords(harm: HarmShown): string {
  return `${muchWords(harm)} the tolerated difference in at least one place; strongest evidence: ${levelWords(harm)}`;
}

function muchWords({ factor, shift }: HarmShown): string {
  // Rounded down, so that no more is said than was shown.
  const times = factor === null ? '' : atLeast(factor);
  if (times !== '' && times !== '1') return `at least ${times} times`;
  const points = shift === null ? '' : atLeast(100 * shift);
  return points === '' || points === '0' ? 'more than' : `at least ${points} points above`;
}

function levelWords({ line, level, name }: HarmShown): string {
  const where = level === 'battery' ? 'the whole battery' : `${level} "${inertLine(name, NAME_LIMIT)}"`;
  return line === 'questionable' ? `${where}, questionable answers` : where;
}
