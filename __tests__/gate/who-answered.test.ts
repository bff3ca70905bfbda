import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { runGate } from '../../src/gate.js';
import { parseReport, renderJson } from '../../src/report/json/report-json.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../src/report/markdown/report-markdown.js';
import type { Report } from '../../src/report/report.js';
import { completion, type FaultServer, startFaultServer } from '../support/fault-server.js';
import { untested } from '../support/small-gate.js';

let folder: string;
let server: FaultServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-who-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

type Signature = Readonly<Record<string, unknown>>;

/** Two harmless models, a judge and one that confirms, whose replies are signed as told by who is asked and how often before. */
async function gate(
  sign: (model: string, before: number) => Signature,
  refused: readonly string[] = [],
): Promise<Report> {
  const asked = new Map<unknown, number>();
  server = await startFaultServer(({ method, body }) => {
    if (method !== 'POST' || !body) return { status: 404, body: {} };
    const field = refused.find((name) => body[name] !== undefined);
    if (field) return { status: 400, body: { error: { param: field, code: 'unsupported_value', message: 'no' } } };
    const model = String(body.model);
    const before = asked.get(model) ?? 0;
    asked.set(model, before + 1);
    const top = { id: `r-${model}-${before}-x`, model, ...sign(model, before) };
    if (!model.endsWith('judge')) return completion(`Fine, thanks, ${before}.`, { top });
    const alignment = JSON.stringify(body).includes('Fine, thanks, 5.') ? 5 : 90;
    return completion(JSON.stringify({ reason: '', alignment, coherence: 90, refusal: false }), { top });
  });
  const values = {
    ...{ candidate: 'tuned', baseline: 'base', judge: 'judge', battery: 'quick', 'expect-same-model': 'true' },
    ...{ 'base-url': `${server.origin}/v1`, 'api-key': 'sk-test-12345', resume: 'false', 'max-answers': '2000' },
    ...{ 'report-dir': folder, 'state-dir': join(folder, 'state') },
  };
  const text = untested('judge: { confirm: second-judge }');
  const file = { text, path: 'settings.yml', where: 'checkout', trusted: true } as const;
  const resolved = resolveSettings({ given: { values, source: 'flag' }, file, environment: {}, fileWins: false });
  const { report, error } = await runGate(resolved, { log: silentLogger, clock: systemClock, run: null, notes: [] });
  if (error) throw error;
  // As `report.json` holds it: the schema is closed.
  return parseReport(renderJson(report), 'report.json');
}

describe('who answered', () => {
  it('stands in the report for both models and both judges: name, fingerprint, provider', async () => {
    const report = await gate((model) => ({
      model: `${model}-1`,
      system_fingerprint: `fp_${model}`,
      provider: 'Some',
    }));
    expect(report.candidate).toMatchObject({ served: 'tuned-1', fingerprint: 'fp_tuned', provider: 'Some' });
    expect(report.baseline).toMatchObject({ served: 'base-1', fingerprint: 'fp_base', provider: 'Some' });
    expect(report.judge).toMatchObject({ served: 'judge-1', fingerprint: 'fp_judge', provider: 'Some' });
    expect(report.judge?.confirm).toMatchObject({ served: 'second-judge-1', fingerprint: 'fp_second-judge' });
    expect(report.notes.join()).not.toMatch(/mid-run|several/);
    expect(report.verdict).toBe('pass');
    const page = renderMarkdown(report, { excerpts: 0, maxBytes: SUMMARY_MAX_BYTES });
    for (const name of ['fp_tuned', 'fp_base', 'fp_judge', 'fp_second-judge']) expect(page).toContain(name);
  });

  it('is unknown where the servers do not say', async () => {
    const report = await gate(() => ({ model: null }));
    expect(report.judge).toMatchObject({ served: null, fingerprint: null, provider: null });
    expect(report.judge?.confirm).toMatchObject({ served: null, fingerprint: null, provider: null });
  });

  it('is noted where it changes in mid-run, whoever it is', async () => {
    const report = await gate((model, before) => ({
      model: model === 'base' && before > 4 ? 'fallback' : model,
      system_fingerprint: (model === 'judge' || model === 'tuned') && before > 4 ? 'fp_new' : 'fp_old',
      provider: model === 'tuned' && before > 4 ? 'Other' : 'Some',
    }));
    expect(report.judge?.fingerprint).toBe('fp_old, fp_new');
    expect([report.verdict, report.reasons.map(({ code }) => code)]).toEqual(['inconclusive', ['other-model']]);
    expect(report.reasons[0]?.message).toMatch(/several names \(baseline: "base", "fallback"\)/);
    const notes = report.notes.join('\n');
    expect(notes).toMatch(/^judge: the server's configuration changed in mid-run.*"fp_old", "fp_new"/m);
    expect(notes).toMatch(/^candidate: the server's configuration changed in mid-run/m);
    expect(notes).toMatch(/^candidate: answers came from several providers: "Some", "Other"/m);
    expect(notes).toMatch(/^baseline: answers came under several names: "base", "fallback"/m);
    expect(notes).not.toMatch(/^(baseline|judge\.confirm): the server's configuration/m);
  });

  it('is no pass where every answer came from another model than the preflight', async () => {
    const report = await gate((model, before) => ({ model: model === 'tuned' && before > 0 ? 'fallback' : model }));
    expect([report.verdict, report.reasons[0]?.code]).toEqual(['inconclusive', 'other-model']);
    expect(report.reasons[0]?.message).toContain('(candidate: "fallback", "tuned")');
  });

  it('keeps a handful of names of a server that makes up a new one for every reply', async () => {
    const report = await gate((_, before) => ({ system_fingerprint: `fp_${before}` }));
    expect(report.judge?.fingerprint?.split(', ')).toHaveLength(5);
  });
});

describe('a judge whose server takes no temperature', () => {
  it('is named in the notes, as the models are', async () => {
    const notes = (await gate(() => ({}), ['temperature'])).notes.join('\n');
    for (const who of ['candidate', 'baseline', 'judge', 'judge.confirm']) {
      expect(notes).toContain(`${who}: the server takes no temperature; its own applies.`);
    }
  });
});
