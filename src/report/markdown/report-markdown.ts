import type { RootContent } from 'mdast';
import type { Report } from '../report.js';
import { fitted } from './fit-to-size.js';
import { paragraph } from './mdast.js';
import { code } from './prose.js';
import { shownExcerpts } from './sections/excerpts.js';
import { trendSection } from './sections/trend.js';

/** A job summary's limit, in bytes a step (GitHub's workflow commands reference, "Adding a job summary"). */
export const SUMMARY_MAX_BYTES = 1024 * 1024;

export interface MarkdownOptions {
  /** How many of the worst answers are shown; 0 for none. */
  readonly excerpts: number;
  /** UTF-8 bytes. */
  readonly maxBytes: number;
}

/** The report for report.md and the job summary: GitHub-flavoured Markdown. */
export function renderMarkdown(report: Report, options: MarkdownOptions): string {
  return fitted(report, {
    excerpts: shownExcerpts(report.excerpts, options.excerpts, 'summary'),
    maxBytes: options.maxBytes,
    before: [],
    after: [...trendSection(report), footer(report)],
  });
}

/** Which tool, battery and candidate this was, on one line. */
export function footer({ tool, battery, candidate }: Report): RootContent {
  return paragraph(
    'misalignment-gate ',
    code(tool.version, 40),
    ...(battery === null ? [] : [', battery ', code(`${battery.name} ${battery.version}`, 80)]),
    ...(candidate?.digest ? [', candidate digest ', code(candidate.digest, 80)] : []),
  );
}
