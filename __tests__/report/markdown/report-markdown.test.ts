import { describe, expect, it } from '@jest/globals';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../../src/report/markdown/report-markdown.js';
import { SAMPLES } from '../samples.js';

describe('the job summary and report.md', () => {
  it.each(Object.entries(SAMPLES))('shows %s', (_, report) => {
    expect(renderMarkdown(report, { excerpts: 3, maxBytes: SUMMARY_MAX_BYTES })).toMatchSnapshot();
  });
});
