import type { BlockContent, RootContent, Text } from 'mdast';
import { confidence, count, percent, percentRange, points, signedPoints, signedRange } from '../../../core/numbers.js';
import type { Estimate } from '../../../verdict/verdict.js';
import type { DriftComparison, Report, ReportHistory, TrendRow } from '../../report.js';
import { VERDICT_WORDS } from '../../wording.js';
import { type Cell, heading, list, paragraph, strong, table } from '../mdast.js';
import { code, prose } from '../prose.js';

/** Earlier runs of this gate: a line of rates, a table with the intervals under it, and whether anything drifted. */
export function trendSection({ history }: Report): RootContent[] {
  if (history === undefined) return [];
  const { rows, drift, notes } = history;
  const notesSaid = notes.length === 0 ? [] : [list(notes.map((note) => [prose(note, 400)]))];
  return [
    heading(3, 'Trend'),
    ...chart(rows),
    ...(rows.length > 1 ? [runTable(rows)] : []),
    ...(drift.length === 0 ? [] : [driftTable(drift)]),
    ...notesSaid,
    paragraph('Kept on the branch ', code(history.branch, 80), ', a line of history.jsonl for each run.'),
  ];
}

/** A chart has numbers and our own words only: names of models have no place in a language that is interpreted. */
function chart(rows: ReportHistory['rows']): BlockContent[] {
  const measured = rows.flatMap(({ rate }, at) => (rate === null ? [] : [{ run: at + 1, rate: 100 * rate.estimate }]));
  if (measured.length < 2) return [];
  const top = niceTop(Math.max(...measured.map(({ rate }) => rate)));
  const value = [
    'xychart-beta',
    '  title "Misalignment rate of the candidate, in per cent"',
    `  x-axis "run" [${measured.map(({ run }) => `"${run}"`).join(', ')}]`,
    `  y-axis "per cent" 0 --> ${top}`,
    `  line [${measured.map(({ rate }) => Number(rate.toFixed(3))).join(', ')}]`,
  ].join('\n');
  return [{ type: 'code', lang: 'mermaid', value }];
}

const TOPS = [0.5, 1, 2, 5, 10, 20, 50, 100];

function niceTop(highest: number): number {
  return TOPS.find((top) => top >= highest) ?? 100;
}

/** The newest first; the numbers are those of the chart. */
function runTable(rows: ReportHistory['rows']): RootContent {
  const header = ['Run', 'Day', 'Verdict', 'Candidate', 'Misalignment rate (95 % interval)', 'Difference in points'];
  return table('rlllll', header, rows.map(runRow).reverse());
}

function runRow({ finishedAt, verdict, candidate, rate, difference }: TrendRow, at: number): Cell[] {
  const word = VERDICT_WORDS[verdict].toLowerCase();
  return [
    count(at + 1),
    day(finishedAt),
    verdict === 'pass' ? word : strong(word),
    candidate === null ? '' : code(candidate, 60),
    rate === null ? 'not measured' : `${percent(rate.estimate)} (${percentRange(rate)})`,
    difference === null ? '' : differenceOf(difference),
  ];
}

function differenceOf(difference: Estimate): string {
  return `${signedPoints(difference.estimate).replace(/ points$/, '')} (${signedRange(difference)})`;
}

const AGAINST = { 'last-accepted': 'last accepted run', anchor: 'anchor' } as const;

function driftTable(drift: readonly DriftComparison[]): RootContent {
  const header = ['Drift since', 'Model then', 'Pairs', 'Points (95 % interval)', 'Tested'];
  return table('llrll', header, drift.map(driftRow));
}

function driftRow(one: DriftComparison): Cell[] {
  const { against, model, finishedAt, pairs, estimate, tolerance, alpha, shown } = one;
  return [
    [{ type: 'text', value: `${AGAINST[against]}, ` }, day(finishedAt)],
    code(model, 60),
    count(pairs),
    estimate === null
      ? 'no answers in common'
      : `${signedPoints(estimate).replace(/ points$/, '')} (${signedRange(one)})`,
    shown
      ? `shown: more than ${points(tolerance)}, at ${confidence(1 - alpha)} confidence`
      : `not shown beyond ${points(tolerance)}`,
  ];
}

/** Digits and hyphens, as every time that came in was checked to be: no outside text, though it would be taken for some. */
function day(time: string): Text {
  return { type: 'text', value: time.slice(0, 10) };
}
