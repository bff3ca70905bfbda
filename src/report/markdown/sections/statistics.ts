import type { RootContent } from 'mdast';
import { count, counted, setting, signed, signedRange } from '../../../core/numbers.js';
import type { ArmCounts, GroupSummary, PartSummary, VerdictSummary } from '../../../verdict/verdict.js';
import { rate, readingWords } from '../../harm-kind.js';
import { EFFECT_WORDS, standingOf } from '../../wording.js';
import { type Cell, details, paragraph, strong, table } from '../mdast.js';
import { code, prose } from '../prose.js';

/** The collapsed sections about the numbers. What was run, and with what, is in `provenance.ts`. */

const MAX_ROWS = 60;
const MAX_PROBES = 20;

/** Of intervals beside a verdict. */
const DESCRIBED = 'Difference in points (95 % interval; describes, did not decide)';

export function groupSections({ groups, secondLine }: VerdictSummary): RootContent[] {
  const of = (family: GroupSummary['family']) => groups.filter((group) => group.family === family);
  return [
    ...groupSection('By category', of('category')),
    ...groupSection('By variant', of('variant')),
    ...groupSection('Questionable answers by group', secondLine?.groups ?? []),
  ];
}

function groupSection(
  title: 'By category' | 'By variant' | 'Questionable answers by group',
  members: readonly GroupSummary[],
): RootContent[] {
  if (members.length === 0) return [];
  const rows = members
    .slice(0, MAX_ROWS)
    .map((group): Cell[] => [
      code(group.name, 60),
      count(group.items),
      rate(group.candidateRate),
      rate(group.baselineRate),
      differenceWords(group.difference),
      setting(group.margin),
      standingOf(group),
    ]);
  const header = ['', 'Items', 'Candidate', 'Baseline', DESCRIBED, 'Margin', 'Standing'];
  return details(title, [table('lrrrlrl', header, rows), ...moreRows(members.length, MAX_ROWS)]);
}

function differenceWords(difference: GroupSummary['difference']): string {
  return difference === null ? 'unknown' : `${signed(difference.estimate)} (${signedRange(difference)})`;
}

/** Inside the domain against outside, plain against structured: where the harm is. */
export function partSection({ domain, format }: VerdictSummary): RootContent[] {
  const row = (label: string, part: PartSummary): Cell[] => [
    label,
    count(part.items),
    rate(part.candidateRate),
    rate(part.baselineRate),
    differenceWords(part.difference),
    part.harm === 'none' ? 'no harm shown' : `harm ${part.harm}`,
  ];
  const rows = [
    ...(domain === null ? [] : [row('inside the domain', domain.inside), row('outside the domain', domain.outside)]),
    ...(format === null ? [] : [row('plain', format.plain), row('JSON or template', format.structured)]),
  ];
  if (rows.length === 0) return [];
  const header = ['', 'Items', 'Candidate', 'Baseline', DESCRIBED, 'Standing'];
  const categories = (domain?.categories ?? []).flatMap((name, at): Cell[] => [at === 0 ? '' : ', ', code(name, 60)]);
  const about = categories.length === 0 ? [] : [paragraph('The domain: ', ...categories.slice(1), '.')];
  return details('Kind of harm', [table('lrrrll', header, rows), ...about]);
}

/** The verdict under other readings of the same scores. */
export function readingSection({ sensitivity }: VerdictSummary): RootContent[] {
  if (sensitivity === null) return [];
  const rows = sensitivity.readings.map((reading): Cell[] => [
    readingWords(reading),
    rate(reading.candidateRate),
    rate(reading.baselineRate),
    reading.verdict,
    reading.agrees ? 'yes' : strong('no'),
  ]);
  return details('Other thresholds', [
    table('lrrll', ['Read', 'Candidate', 'Baseline', 'The evidence alone', 'Points the same way'], rows),
    paragraph('From the answers that this verdict took: a reading that was not yet decided may still lean its way.'),
  ]);
}

/** Probes on which the candidate was misaligned or the evidence points; the worst first. */
export function probeSection({ probes }: VerdictSummary): RootContent[] {
  const outstanding = probes
    .filter((probe) => probe.named || probe.suspect || (probe.candidateRate ?? 0) > 0)
    .toSorted((a, b) => b.logEFail - a.logEFail);
  if (outstanding.length === 0) return [];
  const rows = outstanding
    .slice(0, MAX_PROBES)
    .map((probe): Cell[] => [
      code(probe.name, 60),
      code(probe.category, 60),
      rate(probe.candidateRate),
      rate(probe.baselineRate),
      standingOf(probe),
    ]);
  return details('Probes that stand out', [
    table('llrrl', ['Probe', 'Category', 'Candidate', 'Baseline', 'Standing'], rows),
    ...moreRows(outstanding.length, MAX_PROBES),
  ]);
}

export function guardSection({ guards }: VerdictSummary): RootContent[] {
  if (guards.length === 0) return [];
  const rows = guards.map((guard): Cell[] => [
    code(guard.code),
    guard.tripped ? strong(EFFECT_WORDS[guard.effect]) : 'clear',
    prose(guard.message, 300),
  ]);
  return details('Guards', [table('lll', ['Guard', 'Standing', 'Found'], rows)]);
}

const COUNT_ROWS: readonly (readonly [string, keyof ArmCounts])[] = [
  ['answers', 'answers'],
  ['judged', 'judged'],
  ['misaligned', 'misaligned'],
  ['questionable', 'questionable'],
  ['incoherent', 'incoherent'],
  ['of these misaligned but for that', 'incoherentHarm'],
  ['refusals', 'refusals'],
  ['empty', 'empty'],
  ['cut at the token limit', 'truncated'],
  ['missing', 'missing'],
  ['of these blocked by a filter or the judge', 'blocked'],
];

export function countSection(statistics: VerdictSummary): RootContent[] {
  const { candidate, baseline } = statistics.counts;
  const shown = COUNT_ROWS.filter(([, key]) => key !== 'questionable' || statistics.secondLine !== null);
  const rows: Cell[][] = shown.map(([label, key]) => [label, count(candidate[key]), count(baseline[key])]);
  const among = [statistics.candidateRateAmongCoherent, statistics.baselineRateAmongCoherent].map(rate);
  const { difference, secondLine } = statistics;
  return details('Counts', [
    table('lrr', ['', 'Candidate', 'Baseline'], [...rows, ['misaligned among coherent answers', ...among]]),
    table(
      'lr',
      ['', DESCRIBED],
      [
        ['misaligned', differenceWords(difference)],
        ...(secondLine === null ? [] : [['questionable', differenceWords(secondLine.difference)]]),
      ],
    ),
    paragraph(
      'The last row of the first table is the figure of the literature (Betley et al. 2025), for comparison with papers.',
    ),
    paragraph(
      'Every interval holds with 95 % confidence by itself, whenever the run stops. ' +
        'A rate at the moment of stopping is an estimate that leans away from the margin.',
    ),
  ]);
}

function moreRows(total: number, shown: number): RootContent[] {
  return total > shown ? [paragraph(`${counted(total - shown, 'row')} more in the report's JSON.`)] : [];
}
