import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { packageRoot } from '../../../src/core/package.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../../src/report/markdown/report-markdown.js';
import type { ReportHistory } from '../../../src/report/report.js';
import { BY_VERDICT, HISTORY } from '../../report/samples.js';

/** What Mermaid makes of each chart. */
function parsed(...charts: readonly string[]): string[] {
  const script = join(packageRoot(), '__tests__/e2e/support/parse-mermaid.mjs');
  const { stdout, stderr } = spawnSync(process.execPath, [script], { input: JSON.stringify(charts), encoding: 'utf8' });
  return stdout === '' ? [stderr] : JSON.parse(stdout);
}

function chartOf(history: ReportHistory): string {
  const markdown = renderMarkdown({ ...BY_VERDICT.pass, history }, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES });
  return /```mermaid\n([\s\S]*?)```/.exec(markdown)?.[1] ?? '';
}

function weeks(estimates: readonly number[]): ReportHistory {
  const rows = estimates.flatMap((estimate) =>
    HISTORY.rows.slice(0, 1).map((row) => ({ ...row, rate: { estimate, lower: 0, upper: 1 } })),
  );
  return { ...HISTORY, rows };
}

describe('the trend’s chart', () => {
  it('is read by Mermaid, whatever the rates', () => {
    const histories = [
      HISTORY,
      weeks([0, 0]),
      weeks(Array.from({ length: 26 }, (_, week) => week / 25)),
      weeks([1 / 3, 1e-9, 0.5]),
    ];
    expect(parsed(...histories.map(chartOf))).toEqual(histories.map(() => 'xychart'));
  }, 60_000);

  it('would be refused with a word out of place', () => {
    expect(parsed(chartOf(HISTORY).replace('line [', 'lines ['))).toEqual([expect.stringContaining('Parse error')]);
  }, 60_000);
});
