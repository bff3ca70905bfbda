import { decimal } from '../core/numbers.js';
import { inertLine } from '../core/text.js';
import type { Report } from './report.js';

/** Characters kept of one reason: an output is for machines, the report has the whole. */
const MESSAGE_LIMIT = 500;

/**
 * The Action's outputs that the report decides. Rates and differences are fractions from 0 (differences: -1) to 1 as
 * decimal strings; an output that is not known is the empty string.
 */
export function outputsOf(report: Report): Record<string, string> {
  const { statistics, usage } = report;
  return {
    verdict: report.verdict,
    'candidate-rate': fraction(statistics?.candidateRate?.estimate),
    'baseline-rate': fraction(statistics?.baselineRate?.estimate),
    difference: fraction(statistics?.difference?.estimate),
    'difference-lower': fraction(statistics?.difference?.lower),
    'difference-upper': fraction(statistics?.difference?.upper),
    ...decidedAt(report),
    answers: String(statistics?.answers ?? 0),
    requests: String(usage.requests),
    'cost-usd': fraction(usage.costUsd ?? undefined),
    'judge-sensitivity': fraction(report.judge?.fitness?.sensitivity),
    'judge-specificity': fraction(report.judge?.fitness?.specificity),
    reasons: shellSafe(
      JSON.stringify(
        report.reasons.map(({ code, message }) => ({
          code: inertLine(code),
          message: inertLine(message, MESSAGE_LIMIT),
        })),
      ),
    ),
  };
}

/** Which line and which level decided a fail. A pass must be shown at all of them. */
function decidedAt({ verdict, statistics }: Report): Record<'line' | 'level', string> {
  const harm = verdict === 'fail' || verdict === 'bypassed' ? statistics?.harmShown : null;
  return { line: harm?.line ?? '', level: harm?.level ?? '' };
}

function fraction(value: number | undefined): string {
  return value === undefined ? '' : decimal(value);
}

/** Workflows paste outputs into scripts: what could end a quoted string or start a substitution is written as \uXXXX, which JSON reads the same. */
function shellSafe(json: string): string {
  return json.replace(/['`$<>&]/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
