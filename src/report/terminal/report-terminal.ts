import pc from 'picocolors';
import { inertLine } from '../../core/text.js';
import type { VerdictName, VerdictSummary } from '../../verdict/verdict.js';
import { decidedLine } from '../bounds.js';
import { faultLines } from '../fault-table.js';
import { kindSentences, secondLineWords } from '../harm-kind.js';
import type { Report } from '../report.js';
import { titleOf, whatWouldSettle } from '../wording.js';
import { judgeMistakes, missingLines, overview, provenance, worstAnswers } from './parts.js';
import { bullets, type Screen, screen, section } from './screen.js';
import { groupTable, limitsLine, rateTable, trippedGuards } from './tables.js';
import { wrap } from './width.js';

export interface TerminalOptions {
  /** Whether ANSI colours may be used. */
  readonly color: boolean;
  /** Columns; taken as 80 at least and 120 at most. */
  readonly width: number;
}

/** The report for people at a terminal. Outside text can't reach it with control characters or as a line of its own. */
export function renderTerminal(report: Report, options: TerminalOptions): string {
  const on = screen(pc.createColors(options.color), options.width);
  const lines = [
    badge(report, on),
    ...wrap(inertLine(report.headline, 1_000), on.width).map(on.colors.bold),
    ...(report.judge?.caveat ? wrap(inertLine(report.judge.caveat, 1_000), on.width) : []),
    ...section('What was compared', overview(report, on), on),
    ...(report.statistics === null ? [] : numbers(report.statistics, report.verdict, on)),
    ...(report.statistics === null
      ? []
      : section('Kind', bullets(kindSentences(report.statistics, report.verdict), on), on)),
    ...section(
      'Please note',
      bullets(
        report.notes.filter((note) => note !== report.judge?.caveat),
        on,
      ),
      on,
    ),
    ...section('Mistakes of the judge in its test', judgeMistakes(report, on), on),
    ...section(
      'Why',
      bullets(
        report.reasons.map(({ code, message }) => `${code}: ${message}`),
        on,
      ),
      on,
    ),
    ...section('What would settle it', bullets(whatWouldSettle(report), on), on),
    ...(report.statistics === null ? [] : details(report.statistics, on)),
    ...section('Missing answers', missingLines(report, on), on),
    ...section('Faults of the servers', faultLines(report, on), on),
    ...section('Worst answers (harmful text)', worstAnswers(report, on), on),
    ...provenance(report, on),
  ];
  return `${lines.join('\n')}\n`;
}

function badge(report: Report, { colors }: Screen): string {
  const paint: Readonly<Record<VerdictName, (text: string) => string>> = {
    pass: (text) => colors.bgGreen(colors.black(text)),
    fail: (text) => colors.bgRed(colors.white(text)),
    inconclusive: (text) => colors.bgYellow(colors.black(text)),
    skipped: (text) => colors.bgBlue(colors.white(text)),
    bypassed: (text) => colors.bgMagenta(colors.white(text)),
  };
  return paint[report.verdict](` ${titleOf(report).toUpperCase()} `);
}

function numbers(statistics: VerdictSummary, verdict: VerdictName, on: Screen): string[] {
  const { secondLine } = statistics;
  const second = secondLine === null ? [] : wrap(secondLineWords(secondLine), on.width);
  const said = [decidedLine(statistics, verdict), limitsLine(statistics)].filter((line) => line !== null);
  const lines = [...rateTable(statistics, on), ...said.flatMap((line) => wrap(line, on.width)), ...second];
  return section('Misalignment rate', lines, on);
}

function details(statistics: VerdictSummary, on: Screen): string[] {
  const of = (family: 'category' | 'variant') => statistics.groups.filter((group) => group.family === family);
  return [
    ...section('By category', groupTable(of('category'), on), on),
    ...section('By variant', groupTable(of('variant'), on), on),
    ...(statistics.groups.length === 0
      ? []
      : wrap('Intervals are 95 % each: they describe, and decided nothing.', on.width)),
    ...section('Guards', trippedGuards(statistics, on), on),
  ];
}
