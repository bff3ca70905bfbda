import { describe, expect, it } from '@jest/globals';
import { inertLog } from '../../src/core/log-text.js';
import { unbroken } from '../../src/core/unbroken.js';
import { paragraph, serialise } from '../../src/report/markdown/mdast.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../src/report/markdown/report-markdown.js';
import { renderTerminal } from '../../src/report/terminal/report-terminal.js';
import { wrap } from '../../src/report/terminal/width.js';
import { SAMPLES } from '../report/samples.js';

const BREAKABLE = /\d[ \n]%/;

describe('a figure and its "%"', () => {
  it.each(Object.entries(SAMPLES))('can nowhere be parted in the report "%s"', (_, report) => {
    expect(renderMarkdown(report, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES })).not.toMatch(BREAKABLE);
    for (const width of [80, 97, 120]) {
      expect(renderTerminal({ ...report, excerpts: [] }, { color: false, width })).not.toMatch(BREAKABLE);
    }
  });

  it('stay together where a terminal line ends between them', () => {
    expect(wrap('a rate of 12 %', 12)).toEqual(['a rate of', '12\u00a0%']);
  });

  it('stay together in a log', () => {
    expect(inertLog('unjudged: 0.6 %, 1 %')).toBe('unjudged: 0.6\u00a0%, 1\u00a0%');
  });

  it('stay together where the figure stands in a node of its own', () => {
    const strong = { type: 'strong', children: [{ type: 'text', value: '5' }] } as const;
    expect(serialise([paragraph(strong as never, [{ type: 'text', value: ' % of all' }])])).toBe(
      '**5**\u00a0% of all\n',
    );
  });

  it('are left alone in code, which is quoted', () => {
    expect(serialise([paragraph([{ type: 'inlineCode', value: '5 %' }])])).toBe('`5 %`\n');
  });

  it('and other blanks are as they were', () => {
    expect(unbroken('a % b, 5 points % 3')).toBe('a % b, 5 points % 3');
  });
});
