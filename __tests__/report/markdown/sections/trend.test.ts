import { describe, expect, it } from '@jest/globals';
import { parseReport, renderJson } from '../../../../src/report/json/report-json.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../../../src/report/markdown/report-markdown.js';
import type { Report, ReportHistory } from '../../../../src/report/report.js';
import { HOSTILE, poisoned } from '../../hostile.js';
import { BY_VERDICT, HISTORY } from '../../samples.js';

function shown(history: ReportHistory): string {
  const report: Report = { ...BY_VERDICT.pass, history };
  const markdown = renderMarkdown(report, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES });
  return markdown.slice(markdown.indexOf('### Trend'));
}

describe('the trend in the summary', () => {
  it('is a line of one series, a table with the intervals, what was tested, and what is amiss', () => {
    expect(shown(HISTORY)).toMatchSnapshot();
  });

  it('of one run has no line', () => {
    const alone = shown({ ...HISTORY, rows: HISTORY.rows.slice(-1), drift: [], notes: [] });
    expect(alone).not.toContain('mermaid');
    expect(alone).toContain('misalignment-history');
  });

  it('does not draw what was not measured', () => {
    const rows = HISTORY.rows.map((row, at) => (at === 1 ? { ...row, rate: null } : row));
    expect(shown({ ...HISTORY, rows })).toContain('x-axis "run" ["1", "3", "4"]');
  });

  it('is absent where no history is kept', () => {
    const markdown = renderMarkdown(BY_VERDICT.pass, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES });
    expect(markdown).not.toContain('Trend');
  });

  it('is kept in report.json', () => {
    const report: Report = { ...BY_VERDICT.pass, history: HISTORY };
    expect(parseReport(renderJson(report), 'report.json').history).toEqual(HISTORY);
  });

  it('draws numbers and our own words, whatever models are called', () => {
    for (const text of HOSTILE) {
      const { history = HISTORY } = poisoned({ ...BY_VERDICT.pass, history: HISTORY }, text);
      expect(/```mermaid\n([^`]*)```/.exec(shown(history))?.[1]).toMatch(/^[\w\s".,>[\]-]+$/);
    }
  });
});
