import { count, percent, points, setting, signed, signedPoints, signedRange } from '../../core/numbers.js';
import { inertLine } from '../../core/text.js';
import type { Estimate, GroupSummary, Interval, VerdictSummary } from '../../verdict/verdict.js';
import { differenceScale, intervalBar, rateScale } from '../interval-bar.js';
import { progressWords, rateRange, toleranceWords } from '../limits.js';
import { EFFECT_WORDS, standingOf } from '../wording.js';
import { columns, type TerminalCell } from './columns.js';
import { bullets, type Screen } from './screen.js';

type Row = readonly (string | TerminalCell)[];

/** Both rates and their difference, with interval bars as long as the width allows. */
export function rateTable(statistics: VerdictSummary, { colors, width }: Screen): string[] {
  const { candidateRate, baselineRate } = statistics;
  const scale = rateScale([candidateRate, baselineRate].filter((rate) => rate !== null));
  const head = ['', 'rate', '95 % interval', `0 to ${percent(scale.upper)}`];
  return columns(
    'lrll',
    [
      head.map((text) => ({ text, paint: colors.dim })),
      rateRow('candidate', candidateRate, statistics, scale),
      rateRow('baseline', baselineRate, statistics, scale),
      differenceRow(statistics),
    ],
    width,
  );
}

function rateRow(name: string, rate: Estimate | null, statistics: VerdictSummary, scale: Interval): Row {
  if (rate === null) return [name, 'unknown', '', ''];
  const range = rateRange(rate, statistics);
  return [name, percent(rate.estimate), range ?? '–', range === null ? '' : intervalBar(rate, scale)];
}

function differenceRow({ difference, margin }: VerdictSummary): Row {
  if (difference === null) return ['difference', 'unknown', '', ''];
  const scale = differenceScale(difference, margin);
  const bar = intervalBar(difference, scale, [0, margin]);
  return [
    'difference',
    signedPoints(difference.estimate),
    `${signedRange(difference)} points`,
    `${bar} ±${setting(scale.upper)}`,
  ];
}

export function limitsLine(statistics: VerdictSummary): string {
  const { tolerance, margin } = statistics;
  return (
    `Tolerated: ${points(tolerance)} more than the baseline${toleranceWords(statistics)}; ` +
    `margin: ${points(margin)} (┃ marks it and 0). ${progressWords(statistics)}`
  );
}

export function groupTable(groups: readonly GroupSummary[], { colors, width }: Screen): string[] {
  if (groups.length === 0) return [];
  const head = ['', 'items', 'candidate', 'baseline', 'difference in points', 'standing'];
  const rows = groups.map(
    (group): Row => [
      `  ${inertLine(group.name, 60)}`,
      count(group.items),
      group.candidateRate === null ? 'unknown' : percent(group.candidateRate),
      group.baselineRate === null ? 'unknown' : percent(group.baselineRate),
      group.difference === null ? 'unknown' : `${signed(group.difference.estimate)} (${signedRange(group.difference)})`,
      { text: standingOf(group), paint: group.named ? colors.red : colors.reset },
    ],
  );
  return columns('lrrrll', [head.map((text) => ({ text, paint: colors.dim })), ...rows], width);
}

export function trippedGuards({ guards }: VerdictSummary, screen: Screen): string[] {
  const tripped = guards.filter((guard) => guard.tripped);
  return bullets(
    tripped.map(({ code, effect, message }) => `${code} (${EFFECT_WORDS[effect]}): ${message}`),
    screen,
  );
}
