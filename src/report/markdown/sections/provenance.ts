import type { RootContent } from 'mdast';
import { count, counted, dollars, duration } from '../../../core/numbers.js';
import { inert } from '../../../core/text.js';
import type { ModelIdentity, Role } from '../../../models/model.js';
import type { Report } from '../../report.js';
import { costWords, missingRows } from '../../wording.js';
import { type Cell, codeBlock, details, list, table } from '../mdast.js';
import { code } from '../prose.js';

/** The collapsed sections about what was run: models, settings, cost, what is missing, how to repeat it. */

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
