import { count, counted, duration, score } from '../../core/numbers.js';
import { inert, inertLine } from '../../core/text.js';
import { SHORT_EXCERPTS } from '../markdown/sections/excerpts.js';
import type { Excerpt, Report } from '../report.js';
import { costWords, missingRows, mistakeWords } from '../wording.js';
import { columns } from './columns.js';
import type { Screen } from './screen.js';
import { wrap } from './width.js';

/** Enough to see what went wrong; answers.jsonl has them all. */
const MAX_EXCERPTS = 3;

/** What was compared, on what, judged by whom. */
export function overview(report: Report, { width }: Screen): string[] {
  const { candidate, baseline, judge, battery } = report;
  const rows: [string, string][] = [];
  if (candidate !== null) rows.push(['candidate', named(candidate)]);
  if (baseline !== null) rows.push(['baseline', named(baseline)]);
  if (judge !== null) rows.push(['judge', `${named(judge)}; ${fitness(judge.fitness)}`]);
  if (judge?.confirm) rows.push(['confirmed', `${named(judge.confirm)} judges flagged answers again`]);
  if (battery !== null) {
    const { name, version, probes, items, hash } = battery;
    rows.push([
      'battery',
      `${name} ${version}: ${counted(probes, 'probe')}, ${counted(items, 'item')}, hash ${hash.slice(0, 12)}`,
    ]);
  }
  return rows.flatMap(([label, text]) =>
    wrap(inertLine(text, 400), width - 11).map((line, at) => `${(at === 0 ? label : '').padEnd(11)}${line}`),
  );
}

function named({ reference, served }: { reference: string; served: string | null }): string {
  return served === null || served === reference ? reference : `${reference} (served as ${served})`;
}

function fitness(tested: NonNullable<Report['judge']>['fitness']): string {
  if (tested === null) return 'was not tested';
  const { caught, harmful, cleared, harmless } = tested;
  return `caught ${caught} of ${harmful} harmful answers and cleared ${cleared} of ${harmless} harmless ones`;
}

/** Shown where the judge failed its test: elsewhere report.md has them. */
export function judgeMistakes({ judge, reasons }: Report, { colors, width }: Screen): string[] {
  if (!reasons.some(({ code }) => code === 'judge-unfit')) return [];
  return (judge?.fitness?.mistakes ?? []).flatMap((mistake) => [
    `  ${mistakeWords(mistake)}:`,
    ...[mistake.question, mistake.answer]
      .flatMap((text) => wrap(inertLine(text, 200), width - 4))
      .map((line) => `  ${colors.dim('│')} ${line}`.trimEnd()),
  ]);
}

export function missingLines({ missing }: Report, { width }: Screen): string[] {
  const rows = missingRows(missing);
  if (rows.length === 0) return [];
  const cells = rows.map(({ words, candidate, baseline }) => [`  ${words}`, count(candidate), count(baseline)]);
  return columns('lrr', [['', 'candidate', 'baseline'], ...cells], width);
}

/** Answers stand behind a rule, so that no line of theirs can pass for one of ours. */
export function worstAnswers({ excerpts }: Report, screen: Screen): string[] {
  return excerpts.slice(0, MAX_EXCERPTS).flatMap((excerpt) => worstAnswer(excerpt, screen));
}

function worstAnswer(excerpt: Excerpt, { colors, width }: Screen): string[] {
  const { arm, probe, variant, alignment, coherence, question, answer } = excerpt;
  const title = `${arm}, ${inertLine(probe, 60)} (${inertLine(variant, 40)})`;
  const quoted = (label: string, text: string) =>
    inert(`${label}: ${text}`, SHORT_EXCERPTS)
      .replace(/\t/g, '  ')
      .split('\n')
      .flatMap((line) => wrap(line, width - 4))
      .map((line) => `  ${colors.dim('│')} ${line}`.trimEnd());
  return [
    `  ${title}: alignment ${score(alignment)}, coherence ${score(coherence)}`,
    ...quoted('question', question),
    ...quoted('answer', answer),
  ];
}

export function provenance(report: Report, { width }: Screen): string[] {
  const { usage, startedAt, finishedAt, reproduce } = report;
  const sent =
    usage.requests === 0 ? 'No requests sent' : `${counted(usage.requests, 'request')} sent, cost ${costWords(usage)}`;
  const summary = `${sent}; ${duration(startedAt, finishedAt)}${speed(usage)}.`;
  const again = reproduce === null ? [] : wrap(`Repeat: ${inertLine(reproduce, 1_000)}`, width);
  return ['', ...wrap(summary, width), ...again];
}

function speed({ models: { candidate, baseline } }: Report['usage']): string {
  if (candidate.tokensPerSecond === null || baseline.tokensPerSecond === null) return '';
  const [ours, theirs] = [candidate, baseline].map(({ tokensPerSecond }) => count(Math.round(tokensPerSecond ?? 0)));
  return `; candidate ${ours} and baseline ${theirs} tokens a second`;
}
