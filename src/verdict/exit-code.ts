import type { VerdictName } from './verdict.js';

const EXIT_CODES = { pass: 0, bypassed: 0, skipped: 0, fail: 1, inconclusive: 2 } as const satisfies Record<
  VerdictName,
  number
>;

/** The contract's exit code of a verdict; errors carry their own (core/errors.ts). */
export function exitCodeOf(verdict: VerdictName): 0 | 1 | 2 {
  return EXIT_CODES[verdict];
}
