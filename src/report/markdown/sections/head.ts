import type { InlineCode, PhrasingContent, RootContent } from 'mdast';
import { confidence, counted, duration, percent, points, signedPoints, signedRange } from '../../../core/numbers.js';
import type { ModelIdentity } from '../../../models/model.js';
import type { Estimate, Interval, VerdictName, VerdictSummary } from '../../../verdict/verdict.js';
import { boundWords, decidedLine } from '../../bounds.js';
import { kindSentences, secondLineWords } from '../../harm-kind.js';
import { differenceScale, intervalBar, rateScale } from '../../interval-bar.js';
import { progressWords, rateRange, toleranceWords } from '../../limits.js';
import type { Report } from '../../report.js';
import { isRecordedBaseline, titleOf, VERDICT_SIGNS, whatWouldSettle } from '../../wording.js';
import { type Cell, heading, list, paragraph, strong, table } from '../mdast.js';
import { code, prose } from '../prose.js';

/** How much of the head is shown: reasons and notes, each with its limit in characters. */
export interface HeadLimits {
  readonly entries: number;
  readonly characters: number;
}

export const FULL_HEAD: HeadLimits = { entries: 20, characters: 1_000 };
export const SHORT_HEAD: HeadLimits = { entries: 5, characters: 300 };

/** What one surface adds to the head. */
export interface HeadExtras {
  /** Beneath the headline. */
  readonly status: readonly RootContent[];
  /** Where a reason's code is explained; null for nowhere. */
  readonly reasonUrl: (code: string) => string | null;
}

export const NO_EXTRAS: HeadExtras = { status: [], reasonUrl: () => null };

/** What a reviewer sees without a click: verdict, numbers, caveats, reasons, and what would settle an open verdict. */
export function head(report: Report, limits: HeadLimits, extras: HeadExtras): RootContent[] {
  return [
    heading(
      2,
      `${isRecordedBaseline(report) ? '' : `${VERDICT_SIGNS[report.verdict]} `}Misalignment gate: ${titleOf(report).toLowerCase()}`,
    ),
    paragraph(strong(prose(report.headline, limits.characters))),
    ...extras.status,
    ...caveat(report, limits),
    ...numbers(report),
    ...kinds(report, limits),
    ...notes(
      report.notes.filter((note) => note !== report.judge?.caveat),
      limits,
    ),
    ...reasons(report, limits, extras),
    ...settling(report),
  ];
}

/** Of a judge that nobody tested, beside what it decided. */
function caveat({ judge }: Report, limits: HeadLimits): RootContent[] {
  return judge?.caveat ? [paragraph(...prose(judge.caveat, limits.characters))] : [];
}

function numbers(report: Report): RootContent[] {
  const { statistics } = report;
  if (statistics === null) return [];
  const { candidateRate, baselineRate } = statistics;
  const scale = rateScale([candidateRate, baselineRate].filter((rate) => rate !== null));
  const rows = [
    rateRow(['candidate', report.candidate, candidateRate], statistics, scale),
    rateRow(['baseline', report.baseline, baselineRate], statistics, scale),
    differenceRow(statistics, report.verdict),
  ];
  const decided = decidedLine(statistics, report.verdict);
  const header = ['', 'Misalignment rate', '95 % interval', `0 to ${percent(scale.upper)}`];
  return [
    table('lrll', header, rows),
    ...(decided === null ? [] : [paragraph(prose(decided, 400))]),
    paragraph(limitsLine(statistics) + duringTheRun(report)),
    ...(statistics.secondLine === null ? [] : [paragraph(secondLineWords(statistics.secondLine))]),
  ];
}

function rateRow(
  [arm, model, rate]: readonly [string, ModelIdentity | null, Estimate | null],
  statistics: VerdictSummary,
  scale: Interval,
): Cell[] {
  const name: Cell = model === null ? arm : [{ type: 'text', value: `${arm} ` }, code(model.reference, 80)];
  if (rate === null) return [name, 'unknown', '', ''];
  const range = rateRange(rate, statistics);
  if (range === null) return [name, strong(percent(rate.estimate)), '–', ''];
  return [name, strong(percent(rate.estimate)), range, bar(intervalBar(rate, scale))];
}

function differenceRow(statistics: VerdictSummary, verdict: VerdictName): Cell[] {
  const { difference, margin } = statistics;
  if (difference === null) return ['difference', 'unknown', '', ''];
  const role = boundWords(statistics, verdict) === null ? '' : ' (did not decide)';
  const scale = differenceScale(difference, margin);
  return [
    'difference',
    strong(signedPoints(difference.estimate)),
    `${signedRange(difference)} points${role}`,
    [bar(intervalBar(difference, scale, [0, margin])), { type: 'text', value: ` ±${points(scale.upper)}` }],
  ];
}

function bar(value: string): InlineCode {
  return { type: 'inlineCode', value };
}

function limitsLine(statistics: VerdictSummary): string {
  const { tolerance, margin, alpha, beta } = statistics;
  return (
    `Tolerated: ${points(tolerance)} more than the baseline${toleranceWords(statistics)} (a model within it fails at most ${confidence(alpha)} of the time). ` +
    `Margin: ${points(margin)} (a model at or beyond it passes at most ${confidence(beta)} of the time). ` +
    progressWords(statistics)
  );
}

/** The bounds are about how the servers behaved while they were asked. */
function duringTheRun({ network, startedAt, finishedAt }: Report): string {
  if (!network?.connections) return '';
  const over = counted(network.connections, 'connection');
  return ` All this is about how the servers behaved during the run: ${duration(startedAt, finishedAt)}, ${over}.`;
}

function kinds({ statistics, verdict }: Report, limits: HeadLimits): RootContent[] {
  const sentences = statistics === null ? [] : kindSentences(statistics, verdict);
  return sentences.length === 0 ? [] : [list(sentences.map((sentence) => [prose(sentence, limits.characters)]))];
}

function notes(entries: readonly string[], limits: HeadLimits): RootContent[] {
  if (entries.length === 0) return [];
  return [
    paragraph(strong('Please note')),
    limitedList(
      entries.map((note) => [prose(note, limits.characters)]),
      limits,
    ),
  ];
}

function reasons(report: Report, limits: HeadLimits, { reasonUrl }: HeadExtras): RootContent[] {
  if (report.reasons.length === 0) return [];
  const entries = report.reasons.map(({ code: name, message }): Cell[] => [
    linked(code(name, 80), reasonUrl(name)),
    { type: 'text', value: ': ' },
    prose(message, limits.characters),
  ]);
  return [heading(3, 'Why'), limitedList(entries, limits)];
}

function linked(text: InlineCode, url: string | null): PhrasingContent {
  return url === null ? text : { type: 'link', url, children: [text] };
}

function settling(report: Report): RootContent[] {
  const sentences = whatWouldSettle(report);
  return sentences.length === 0
    ? []
    : [heading(3, 'What would settle it'), list(sentences.map((sentence) => [sentence]))];
}

function limitedList(entries: readonly (readonly Cell[])[], limits: HeadLimits): RootContent {
  const more = entries.length - limits.entries;
  return list(more > 0 ? [...entries.slice(0, limits.entries), [`… and ${more} more in the report.`]] : entries);
}
