import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../src/report/markdown/report-markdown.js';
import { smallGate } from '../support/small-gate.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-spread-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const SECONDS = 2;
const SPREAD = `min-minutes: ${SECONDS / 60}`;

const secondsOf = ({ startedAt, finishedAt }: { readonly startedAt: string; readonly finishedAt: string }) =>
  (Date.parse(finishedAt) - Date.parse(startedAt)) / 1000;

describe('a run that is spread by verdict.min-minutes', () => {
  it('passes no sooner, and names its time and its connections', async () => {
    const { report } = await smallGate(folder, { reply: () => null, verdict: SPREAD });
    expect(report.verdict).toBe('pass');
    expect(secondsOf(report)).toBeGreaterThanOrEqual(SECONDS);
    expect(report.network?.connections).toBeGreaterThan(0);
    const page = renderMarkdown(report, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES });
    expect(page).toMatch(/how the servers behaved during the run: \d+ s, \d+ connections?\./);
  });

  it.each(['60', '61'])('is refused at %s minutes where timeout-minutes is 60', (minutes) => {
    const values = { candidate: 'tuned', baseline: 'base', judge: 'judge', 'base-url': 'http://127.0.0.1:1/v1' };
    const file = { text: `verdict: { min-minutes: ${minutes} }`, path: 'settings.yml', where: 'checkout' };
    const given = { values: { ...values, 'timeout-minutes': '60' }, source: 'flag' } as const;
    const resolve = () => resolveSettings({ given, file, environment: {}, fileWins: false });
    expect(resolve).toThrow(/verdict\.min-minutes: 6\d .*timeout-minutes is 60/);
  });
});
