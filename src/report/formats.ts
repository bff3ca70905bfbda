import { ConfigError } from '../core/errors.js';
import { inertLine } from '../core/text.js';
import { renderJson } from './json/report-json.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from './markdown/report-markdown.js';
import type { Report } from './report.js';
import { renderTerminal } from './terminal/report-terminal.js';

/** How many of the worst answers a format shows when nobody said: the default of the setting `excerpts`. */
const DEFAULT_EXCERPTS = 3;

/** The formats of `misalignment-gate report FILE --format NAME`. */
export const FORMATS = {
  md: (report: Report) => renderMarkdown(report, { excerpts: DEFAULT_EXCERPTS, maxBytes: SUMMARY_MAX_BYTES }),
  json: renderJson,
  terminal: (report: Report) => renderTerminal(report, { color: false, width: 80 }),
} as const satisfies Readonly<Record<string, (report: Report) => string>>;

export type FormatName = keyof typeof FORMATS;

const LATER: ReadonlySet<string> = new Set(['html', 'junit', 'sarif']);

/** @throws ConfigError when there is no such format, or not yet */
export function renderFormat(report: Report, format: string): string {
  if (isFormat(format)) return FORMATS[format](report);
  const accepted = Object.keys(FORMATS).join(', ');
  throw LATER.has(format)
    ? new ConfigError(
        'report.format-later',
        `--format ${format}: not available in this version; accepted are ${accepted}.`,
      )
    : new ConfigError('report.format', `--format: ${JSON.stringify(inertLine(format, 40))} is none of ${accepted}.`);
}

function isFormat(format: string): format is FormatName {
  return Object.hasOwn(FORMATS, format);
}
