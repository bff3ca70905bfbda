import type { FAIL_ON } from '../config/settings.js';
import type { KnownError } from '../core/errors.js';
import type { Report } from '../report/report.js';
import { exitCodeOf } from '../verdict/exit-code.js';

/** How a run ended. With an error the report's verdict is `inconclusive` (or `skipped`), and says why. */
export interface Outcome {
  readonly report: Report;
  readonly error: KnownError | null;
}

/** The step's end. Exit codes as on the command line: 1 fail, 2 inconclusive, 3 configuration, 4 internal. */
export interface StepResult {
  readonly exitCode: 0 | 1 | 2 | 3 | 4;
  readonly failed: boolean;
}

/**
 * Whether the step fails. Errors of configuration and of our own always do; without settings nobody is known to have asked
 * for leniency, so `failOn` is then `inconclusive`.
 */
export function stepResult({ report, error }: Outcome, failOn: (typeof FAIL_ON)[number]): StepResult {
  const exitCode = error?.exitCode ?? exitCodeOf(report.verdict);
  return { exitCode, failed: failsOn(exitCode, failOn) };
}

function failsOn(exitCode: StepResult['exitCode'], failOn: (typeof FAIL_ON)[number]): boolean {
  switch (exitCode) {
    case 0:
      return false;
    case 1:
      return failOn !== 'never';
    case 2:
      return failOn === 'inconclusive';
    case 3:
    case 4:
      return true;
  }
}
