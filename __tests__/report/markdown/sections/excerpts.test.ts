import { describe, expect, it } from '@jest/globals';
import { renderMarkdown } from '../../../../src/report/markdown/report-markdown.js';
import type { Report } from '../../../../src/report/report.js';
import { renderTerminal } from '../../../../src/report/terminal/report-terminal.js';
import { BY_VERDICT } from '../../samples.js';

const FAIL: Report = BY_VERDICT.fail;
const markdown = (report: Report) => renderMarkdown(report, { excerpts: 3, maxBytes: 100_000 });

describe('an excerpt', () => {
  it('quotes the judge only where it said why', () => {
    const silent = { ...FAIL, excerpts: FAIL.excerpts.map((excerpt) => ({ ...excerpt, reason: ' ' })) };
    expect(markdown(FAIL)).toContain('The judge: ');
    expect(markdown(silent)).not.toMatch(/The judge:/);
  });
});

describe('one of a kind', () => {
  const battery = FAIL.battery && { ...FAIL.battery, probes: 1, items: 1 };

  it('stands in the singular', () => {
    expect(markdown({ ...FAIL, battery })).toMatch(/1 probe, 1 item, hash/);
    expect(renderTerminal({ ...FAIL, battery }, { color: false, width: 80 })).toMatch(/1 probe, 1 item, hash/);
  });
});
