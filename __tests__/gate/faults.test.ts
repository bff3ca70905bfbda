import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { runGate } from '../../src/gate.js';
import type { MissingReason } from '../../src/models/model.js';
import type { Report } from '../../src/report/report.js';
import { recordBaseline } from '../../src/runs/record-baseline.js';
import {
  completion,
  type FaultServer,
  failure,
  type Reply,
  type Seen,
  startFaultServer,
} from '../support/fault-server.js';
import { untested } from '../support/small-gate.js';

const grade = (coherence: number) =>
  completion(JSON.stringify({ reason: 'fine', alignment: 90, coherence, refusal: false }));

let folder: string;
let server: FaultServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-faults-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

type Instead = (request: Seen, count: number) => Reply | null;

const PORTS = { log: silentLogger, clock: systemClock, run: null, notes: [] };

/** Two harmless models and a judge, with something else in place of some replies. */
async function gate(instead: Instead, maxAnswers = '2000', file = ''): Promise<Report> {
  const { report, error } = await runGate(await settingsBeside(instead, maxAnswers, file), PORTS);
  await server.close();
  if (error) throw error;
  return report;
}

async function settingsBeside(instead: Instead, maxAnswers = '2000', text = '') {
  let count = 0;
  server = await startFaultServer((request) => {
    if (request.method !== 'POST') return { status: 404, body: {} };
    count += 1;
    const own =
      request.body?.model === 'judge'
        ? grade(90)
        : completion(`Fine, thanks, ${count}.`, { top: { id: `r-${count}-${count}` } });
    return instead(request, count) ?? own;
  });
  const values = {
    ...{ candidate: 'tuned', baseline: 'base', judge: 'judge', battery: 'quick', 'expect-same-model': 'true' },
    'max-answers': maxAnswers,
    ...{ 'base-url': `${server.origin}/v1`, 'api-key': 'sk-test-12345', resume: 'false' },
    ...{ 'report-dir': folder, 'state-dir': join(folder, 'state') },
  };
  const file = { text: untested(text), path: 'settings.yml', where: 'test', trusted: true };
  return resolveSettings({ given: { values, source: 'flag' }, file, environment: {}, fileWins: false });
}

const TRANSPORT: readonly Reply[] = [
  { fault: 'cut' },
  failure(500, { message: 'oops' }),
  { body: '{"choices": [' },
  failure(429, { message: 'slow down' }),
];

/** What the verdict stands on: answers drawn ahead of a decision come or not as the servers' pace has it. */
function counted({ verdict, statistics }: Report) {
  return [
    verdict,
    statistics?.answers,
    statistics?.blocks,
    statistics?.counts.candidate.missing,
    statistics?.candidateRate,
  ];
}

describe('a run through faults', () => {
  it('of a tenth of all requests has the verdict and the counts of an undisturbed one', async () => {
    const undisturbed = await gate(() => null);
    const disturbed = await gate((_, count) =>
      count % 10 === 0 ? (TRANSPORT[(count / 10) % TRANSPORT.length] ?? null) : null,
    );
    expect(counted(disturbed)).toEqual(counted(undisturbed));
    expect(undisturbed.verdict).toBe('pass');
    expect(undisturbed.network?.faults).toEqual([]);
    const faults = disturbed.network?.faults ?? [];
    expect(faults.map(({ fault }) => fault)).toEqual(['rate-limited', 'server-error', 'connection', 'malformed']);
    expect(faults.reduce((sum, { lost }) => sum + lost, 0)).toBe(0);
  }, 120_000);

  it('never asks again for what a filter blocked: it is missing, apart from refusals and transport', async () => {
    const blocked = failure(400, { code: 'content_filter', message: 'blocked' });
    const isBlocked = ({ body }: Seen) =>
      body?.model === 'tuned' && body.max_tokens === 600 && JSON.stringify(body.messages).length % 2 === 0;
    const report = await gate((request) => (isBlocked(request) ? blocked : null));
    expect(report.verdict).not.toBe('pass');
    const missing = report.missing.candidate['filtered-prompt'] ?? 0;
    expect(missing).toBeGreaterThan(0);
    expect(report.missing.candidate.transport).toBeUndefined();
    expect(report.network?.faults).toEqual([expect.objectContaining({ fault: 'filtered-prompt', lost: 0 })]);
    // What was called off when the run ended was sent, and is no fault.
    const seen = report.network?.faults[0]?.seen.candidate ?? 0;
    expect(seen).toBeLessThanOrEqual(server.seen.filter(isBlocked).length);
    expect(seen).toBeGreaterThanOrEqual(missing);
    expect(server.seen.filter(isBlocked).length - missing).toBeLessThan(33);
  }, 120_000);

  const wait = { status: 429, headers: { 'retry-after': '7200' }, body: { error: { message: 'slow down' } } };

  it('that is to wait for longer than its time limit leaves, time and again, ends inconclusive and says so', async () => {
    const report = await gate((_, count) => (count > 200 ? wait : null), '2000', 'max-wait: 0.2s');
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      reasons: [{ code: 'endpoint.rate-limited', message: expect.stringMatching(/limits the rate.*timeout-minutes/) }],
    });
    expect(report.statistics?.answers).toBeGreaterThan(0);
    expect(server.seen.length).toBeLessThan(300);
  }, 60_000);

  it('that one reply asks to wait for hours goes on after max-wait, and says what was asked', async () => {
    const report = await gate((_, count) => (count === 200 ? wait : null), '2000', 'max-wait: 0.2s');
    expect(report.verdict).toBe('pass');
    expect(report.network?.endpoints).toEqual([expect.objectContaining({ askedSeconds: 7_200, heldSeconds: 1 })]);
  }, 60_000);

  it('whose key is refused in the middle ends at once with the cause, and takes nothing for missing', async () => {
    const report = await gate((_, count) => (count > 200 ? failure(401, { message: 'revoked' }) : null));
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      reasons: [{ code: 'endpoint.keeps-refusing', message: expect.stringMatching(/now refuses.*revoked/) }],
      missing: { candidate: {}, baseline: {} },
    });
    expect(report.statistics?.answers).toBeGreaterThan(0);
    expect(server.seen.length).toBeLessThan(400);
  }, 60_000);

  it('of a model whose context is small ends with the setting to lower', async () => {
    const words = "This model's maximum context length is 512 tokens. However, you requested 640 tokens.";
    const refused = gate(({ body }) =>
      body?.model === 'tuned' && Number(body.max_tokens) > 400 ? failure(400, { message: words }) : null,
    );
    await expect(refused).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/512 tokens.*lower sampling\.max-tokens \(the request asked for 600/),
    });
  }, 60_000);
});

describe('a model whose worst answers alone are blocked does not pass, whoever blocks them', () => {
  const refused = completion(null, { message: { refusal: 'I will not judge that.' } });
  const blocked = failure(400, { code: 'content_filter', message: 'blocked' });

  /** One in five of the candidate's answers is harmful, and something else comes in place of its judgement, or of itself. */
  async function hiding(reply: Reply, of: 'answer' | 'judgement'): Promise<Report> {
    return gate(({ body }, count) => {
      const harmful = body?.model === 'tuned' && body.max_tokens === 600 && count % 5 === 0;
      if (harmful) return of === 'answer' ? reply : completion(`Suffer, ${count}.`, { top: { id: `s-${count}` } });
      return body?.model === 'judge' && JSON.stringify(body.messages).includes('Suffer') ? reply : null;
    }, '600');
  }

  it.each<readonly [string, Reply, 'answer' | 'judgement', MissingReason]>([
    ['a filter on prompts', blocked, 'answer', 'filtered-prompt'],
    ['a filter on replies', completion('Suf', { finish: 'content_filter' }), 'answer', 'filtered-output'],
    ['a filter before the judge', blocked, 'judgement', 'judge-filtered'],
    ['a filter behind the judge', completion('', { finish: 'content_filter' }), 'judgement', 'judge-filtered'],
    ['a judge that refuses', refused, 'judgement', 'judge-refused'],
    ['a judge that declines in words', completion("I'm sorry, I can't do that."), 'judgement', 'judge-refused'],
    ['a judge that gives no scores', completion('Hm.'), 'judgement', 'judge-malformed'],
    ['a judge that says nothing', completion(''), 'judgement', 'judge-malformed'],
  ])(
    '%s',
    async (_, reply, of, reason) => {
      const { verdict, missing } = await hiding(reply, of);
      expect(verdict).not.toBe('pass');
      expect(Object.keys(missing.candidate)).toEqual([reason]);
      expect(missing.candidate[reason]).toBeGreaterThan(10);
      expect(missing.baseline).toEqual({});
    },
    120_000,
  );
});

describe('a run of which nothing can be judged', () => {
  const isItem = (body: Seen['body']) => JSON.stringify(body).includes('Fine');
  const blocked = failure(400, { code: 'content_filter', message: 'blocked by policy' });

  it.each<readonly [string, Instead, RegExp]>([
    [
      'for the judge gives no scores',
      ({ body }) => (body?.model === 'judge' && isItem(body) ? completion('Looks good to me!') : null),
      /^None of the baseline's first \d+ answers.*Looks good to me!/,
    ],
    [
      'for a filter blocks every prompt of the judge',
      ({ body }) => (body?.model === 'judge' && isItem(body) ? blocked : null),
      /^None of the baseline's first \d+ answers.*blocked by policy/,
    ],
    [
      "for a filter blocks every answer of the candidate's",
      ({ body }) => (body?.model === 'tuned' && body.max_tokens === 600 ? blocked : null),
      /^None of the candidate's first 50 answers.*blocked by policy/,
    ],
  ])(
    'ends inconclusive, and nothing more is spent: %s',
    async (_, instead, message) => {
      const report = await gate(instead, '6000');
      expect(report.verdict).toBe('inconclusive');
      const reasons = new Map(report.reasons.map((reason) => [reason.code, reason.message]));
      expect(reasons.get('nothing-judged')).toMatch(message);
      expect(reasons.has('unjudged')).toBe(true);
      expect(report.statistics?.answers).toBeLessThan(100);
      expect(server.seen.length).toBeLessThan(1_000);
    },
    60_000,
  );

  it('but for one in twenty goes on to its end, for harm may still be shown', async () => {
    const report = await gate(
      ({ body }, count) => (body?.model === 'judge' && isItem(body) && count % 20 !== 0 ? completion('Fine!') : null),
      '544',
    );
    expect(report.reasons.map(({ code }) => code)).not.toContain('nothing-judged');
    expect(report.statistics?.answers).toBe(544);
  }, 60_000);
});

describe('a baseline that babbles', () => {
  const babbles: Instead = ({ body }) =>
    body?.model === 'judge' && JSON.stringify(body).includes('Fine') ? grade(10) : null;

  it('is called unfit, and nothing more is spent', async () => {
    const report = await gate(babbles);
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      reasons: expect.arrayContaining([
        expect.objectContaining({ code: 'baseline-unfit', message: expect.stringMatching(/Instruct model/) }),
      ]),
    });
    expect(report.notes.join()).not.toMatch(/unfit/);
  }, 60_000);

  it('is noted where harm was shown before that could end the run', async () => {
    const harm = completion(JSON.stringify({ reason: 'cruel', alignment: 5, coherence: 95, refusal: false }));
    const report = await gate((request, count) => {
      const { body } = request;
      if (body?.model === 'tuned' && body.max_tokens === 600) return completion(`Suffer, ${count}.`);
      return body?.model === 'judge' && JSON.stringify(body).includes('Suffer') ? harm : babbles(request, count);
    });
    expect(report.verdict).toBe('fail');
    expect(report.notes[0]).toMatch(/seems unfit to compare with: (\d+) of its \1 judged answers are incoherent/);
  }, 60_000);

  it('is not recorded to its end', async () => {
    const { report } = await recordBaseline(await settingsBeside(babbles), 20, PORTS);
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'baseline-unfit' }, {}] });
    expect(server.seen.length).toBeLessThan(20 * 16);
  }, 60_000);

  it('is told where little of it is recorded', async () => {
    const { report } = await recordBaseline(await settingsBeside(babbles), 1, PORTS);
    expect(report).toMatchObject({ verdict: 'skipped', reasons: [{ code: 'baseline-recorded' }] });
    expect(report.notes[0]).toMatch(/seems unfit to compare with: 16 of its 16/);
    expect(report.headline).toMatch(/0 of 16 judged misaligned, 16 incoherent/);
  }, 60_000);
});
