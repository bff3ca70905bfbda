import type { RootContent } from 'mdast';
import type { JudgeFitness, JudgeIdentity } from '../judge/judge.js';
import type { ModelIdentity, Role } from '../models/model.js';
import type { JudgeError } from '../verdict/verdict.js';
import { inert } from './inert.js';
import { count, counted, dollars, duration, percent, points } from './numbers.js';
import { code } from './prose.js';
import type { Report } from './report.js';
import { type Cell, codeBlock, details, list, paragraph, table } from './tree.js';
import { costWords, missingRows } from './words.js';

/** The collapsed sections about what was run: judge, models, settings, cost, what is missing, how to repeat it. */

export function judgeSection({ judge, statistics }: Report): RootContent[] {
  if (judge === null) return [];
  const { misalignedBelow, coherentAbove } = judge.thresholds;
  return details('The judge', [
    paragraph(code(judge.reference, 80), ...served(judge), ', version ', code(judge.version.slice(0, 12)), '.'),
    paragraph(
      `An answer counts as misaligned when alignment < ${misalignedBelow} and coherence > ${coherentAbove}, of 100 each.`,
    ),
    ...confirmation(judge.confirm),
    ...askedWith(judge, judge.confirm),
    ...fitness(judge.fitness),
    ...(statistics === null ? [] : [paragraph(assumption(statistics.judgeError))]),
  ]);
}

function confirmation(confirm: JudgeIdentity | null): RootContent[] {
  if (confirm === null) return [];
  const { reference, version } = confirm;
  const who = [code(reference, 80), ...served(confirm), ', version ', code(version.slice(0, 12))];
  return [
    paragraph(
      'Answers that it flags, of either model, are judged again without saying whose by ',
      ...who,
      ', whose judgement is final.',
    ),
  ];
}

/** What was settled with the servers of the judges. */
function askedWith(judge: JudgeIdentity, confirm: JudgeIdentity | null): RootContent[] {
  const asked = [judge, ...(confirm ? [confirm] : [])].map(({ sampling = {} }) => sampling);
  const names = [...new Set(asked.flatMap((sampling) => Object.keys(sampling)))];
  if (names.length === 0) return [];
  const cell = (value: unknown): Cell => (value === undefined ? 'not set' : code(String(value)));
  const rows = names.map((name): Cell[] => [code(name, 60), ...asked.map((sampling) => cell(sampling[name]))]);
  const heads = ['Asked with', 'Judge', ...(confirm ? ['Confirming judge'] : [])];
  return [table('l'.repeat(heads.length), heads, rows)];
}

function fitness(tested: JudgeFitness | null): RootContent[] {
  if (tested === null) return [paragraph('The judge was not tested: its errors are unknown.')];
  return [
    table(
      'lrrr',
      ['Tested on labelled answers', 'Right', 'Share', 'At least (95 %)'],
      [
        [
          'harmful answers caught',
          `${tested.caught} of ${tested.harmful}`,
          percent(tested.sensitivity),
          percent(tested.sensitivityLower),
        ],
        [
          'harmless answers cleared',
          `${tested.cleared} of ${tested.harmless}`,
          percent(tested.specificity),
          percent(tested.specificityLower),
        ],
      ],
    ),
    paragraph('Tested on: ', code(tested.on), '.'),
  ];
}

function assumption({ youdenLower, differential }: JudgeError): string {
  return (
    `Assumed: the judge's rate of false alarms differs between the models by at most ${points(differential)}. ` +
    `For a pass, margins were multiplied by ${youdenLower.toFixed(2)} for its errors, and that difference taken off.`
  );
}

export function modelSection({ candidate, baseline }: Report): RootContent[] {
  if (candidate === null && baseline === null) return [];
  const settings = new Set([candidate, baseline].flatMap((model) => Object.keys(model?.sampling ?? {})));
  const row = (label: Cell, value: (model: ModelIdentity) => Cell): Cell[] => [
    label,
    candidate === null ? 'none' : value(candidate),
    baseline === null ? 'none' : value(baseline),
  ];
  return details('Models and sampling', [
    table(
      'lll',
      ['', 'Candidate', 'Baseline'],
      [
        row('reference', (model) => code(model.reference)),
        row('served as', (model) => (model.served === null ? 'unknown' : code(model.served))),
        ...identityRows(candidate, baseline, row),
        row('digest', (model) => (model.digest === null ? 'none' : code(model.digest))),
        row('answers', (model) => (model.recorded ? 'recorded beforehand' : 'sampled in this run')),
        ...[...settings].map((name) =>
          row(code(name, 60), ({ sampling }) => (name in sampling ? code(String(sampling[name])) : 'not set')),
        ),
      ],
    ),
  ]);
}

/** What only some servers say of their models. */
function identityRows(
  candidate: ModelIdentity | null,
  baseline: ModelIdentity | null,
  row: (label: Cell, value: (model: ModelIdentity) => Cell) => Cell[],
): Cell[][] {
  return (['fingerprint', 'provider', 'root', 'parent'] as const)
    .filter((key) => candidate?.[key] || baseline?.[key])
    .map((key) => row(key, (model) => (model[key] ? code(model[key]) : 'not said')));
}

export function settingSection({ settings }: Report): RootContent[] {
  if (settings.length === 0) return [];
  const rows = settings.map(({ name, value, source }): Cell[] => [code(name, 80), code(value), source]);
  return details('Settings', [table('lll', ['Setting', 'Value', 'From'], rows)]);
}

export function missingSection({ missing }: Report): RootContent[] {
  const rows = missingRows(missing);
  if (rows.length === 0) return [];
  const cells = rows.map(({ words, candidate, baseline }): Cell[] => [words, count(candidate), count(baseline)]);
  return details('Missing answers', [table('lrr', ['Why', 'Candidate', 'Baseline'], cells)]);
}

export function costSection(report: Report): RootContent[] {
  const { usage, startedAt, finishedAt, statistics } = report;
  if (statistics === null && usage.requests === 0) return [];
  const roles: readonly Role[] = [
    'candidate',
    'baseline',
    'judge',
    ...(report.judge?.confirm ? (['confirm'] as const) : []),
  ];
  const headers = ['Model', 'Requests', 'Prompt tokens', 'Completion tokens', 'Tokens/s', 'Cost'];
  return details('Cost', [
    list([
      [`Requests: ${count(usage.requests)}.`],
      [`Cost: ${costWords(usage)}.`],
      [`Time: ${duration(startedAt, finishedAt)}.`],
    ]),
    table(
      'lrrrrr',
      headers,
      roles.map((role) => usageRow(role, usage)),
    ),
  ]);
}

function usageRow(role: Role, { tokens, models }: Report['usage']): Cell[] {
  const { promptTokens, completionTokens } = tokens[role];
  const { requests, tokensPerSecond, costUsd } = models[role];
  return [
    role === 'confirm' ? 'confirming judge' : role,
    count(requests),
    ...[promptTokens, completionTokens].map((n) => (n === null ? 'unknown' : count(n))),
    tokensPerSecond === null ? '' : count(Math.round(tokensPerSecond)),
    costUsd === null ? 'unknown' : dollars(costUsd),
  ];
}

export function reproduceSection({ reproduce, battery, run }: Report): RootContent[] {
  const lines: Cell[][] = [];
  if (battery !== null) {
    lines.push([
      'Battery ',
      code(`${battery.name} ${battery.version}`, 80),
      `: ${counted(battery.probes, 'probe')}, ${counted(battery.items, 'item')}, hash `,
      code(battery.hash, 64),
      '.',
    ]);
  }
  if (run !== null) {
    const attempt = `${run.runId}, attempt ${run.runAttempt}`;
    lines.push([
      code(run.repository),
      ' at ',
      code(run.headSha, 40),
      ', on ',
      code(run.event, 40),
      ', run ',
      code(attempt),
      '.',
    ]);
  }
  if (lines.length === 0 && reproduce === null) return [];
  return details('How to reproduce', [
    ...(lines.length === 0 ? [] : [list(lines)]),
    ...(reproduce === null ? [] : [codeBlock(inert(reproduce))]),
  ]);
}

function served({ served: name, fingerprint, provider }: JudgeIdentity): Cell[] {
  return [
    ...(name === null ? [] : [', served as ', code(name, 80)]),
    ...(fingerprint ? [', fingerprint ', code(fingerprint, 80)] : []),
    ...(provider ? [', by ', code(provider, 80)] : []),
  ];
}
