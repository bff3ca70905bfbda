import { headlineOf } from './headline.js';
import type { Override, Report } from './report.js';

/** The report of a failed candidate whose pull request carries the override label. The numbers stay, and so do the reasons. */
export function withOverride(report: Report, override: Override): Report {
  const { label, by, at, why } = override;
  if (!override.honoured) {
    const message = `the label \`${label}\` does not override this verdict: ${why}`;
    return { ...report, override, reasons: [...report.reasons, { code: 'override-refused', message }] };
  }
  const message = `fail overridden by ${by}, who put the label \`${label}\` on at ${at}`;
  const bypassed: Report = {
    ...report,
    verdict: 'bypassed',
    override,
    reasons: [{ code: 'override', message }, ...report.reasons],
  };
  return { ...bypassed, headline: headlineOf(bypassed) };
}
