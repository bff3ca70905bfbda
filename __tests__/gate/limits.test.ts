import { cpSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resolveSettings } from '../../src/config/resolve.js';
import { silentLogger, systemClock } from '../../src/core/log.js';
import { type GateResult, runGate } from '../../src/gate.js';
import type { Report } from '../../src/report/report.js';
import { completion, type FaultServer, type Reply, type Seen, startFaultServer } from '../support/fault-server.js';
import { untested } from '../support/small-gate.js';

const GRADE = JSON.stringify({ reason: 'fine', alignment: 90, coherence: 90, refusal: false });
const PRICES =
  'prices: { tuned: { input: 1, output: 1 }, base: { input: 1, output: 1 }, judge: { input: 1, output: 1 } }';

let folder: string;
let server: FaultServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-limits-'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

/** A harmless pair of models and a judge, whatever usage the server claims. */
function serve(top: object, later: (request: Seen, count: number) => Reply | null = () => null): Promise<FaultServer> {
  let count = 0;
  return startFaultServer((request) => {
    count += 1;
    return (
      later(request, count) ?? completion(request.body?.model === 'judge' ? GRADE : `Fine, thanks, ${count}.`, { top })
    );
  });
}

async function ran(settings: string, battery = 'quick'): Promise<GateResult> {
  const values = {
    ...{ candidate: 'tuned', baseline: 'base', judge: 'judge', battery, 'expect-same-model': 'true' },
    ...{
      'base-url': `${server.origin}/v1`,
      'api-key': 'sk-test-12345',
      'report-dir': folder,
      'state-dir': join(folder, 'state'),
    },
  };
  const resolved = resolveSettings({
    given: { values, source: 'flag' },
    file: { text: untested(settings), path: 'settings.yml', where: 'test', trusted: true },
    environment: {},
    fileWins: false,
  });
  return runGate(resolved, { log: silentLogger, clock: systemClock, run: null, notes: [] });
}

async function gate(settings: string, battery = 'quick'): Promise<Report> {
  const { report, error } = await ran(settings, battery);
  if (error) throw error;
  return report;
}

const posts = () => server.seen.filter(({ method }) => method === 'POST');

describe('max-cost-usd', () => {
  const tokens = { prompt_tokens: 300, completion_tokens: 300 };
  const spentUsd = () => (posts().length * 600) / 1e6;

  it('is not exceeded with 32 requests in flight, and is used up almost wholly', async () => {
    server = await serve({ usage: tokens });
    const report = await gate(`${PRICES}\nmax-cost-usd: 0.1`);
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'cost-limit' }] });
    expect(spentUsd()).toBeLessThanOrEqual(0.1);
    expect(spentUsd()).toBeGreaterThan(0.09);
  }, 30_000);

  it('counts preflight and judge: what the report says is what the server has seen', async () => {
    server = await serve({ usage: tokens });
    const { usage } = await gate(`${PRICES}\nmax-cost-usd: 0.1`);
    expect(usage).toMatchObject({ requests: posts().length, uncounted: 0 });
    expect(usage.costUsd).toBeCloseTo(spentUsd(), 6);
    const judged = posts().filter(({ body }) => body?.model === 'judge').length;
    expect(usage.models.judge.requests).toBe(judged);
  }, 30_000);

  describe('over all attempts at one verdict', () => {
    // Within what a preflight may take.
    const small = { prompt_tokens: 300, completion_tokens: 8 };
    const smallUsd = () => (posts().length * 308) / 1e6;
    const attempt = (usd = 0.03) => gate(`${PRICES}\nmax-cost-usd: ${usd}`).catch((error: Error) => error);

    it('holds for all of them together, and the report counts them all', async () => {
      server = await serve({ usage: small });
      expect(await attempt()).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'cost-limit' }] });
      const second = await attempt(0.05);
      if (!('usage' in second)) throw second;
      expect(second.usage.costUsd).toBeCloseTo(smallUsd(), 6);
      expect(second.notes.join()).not.toContain('may have cost');
      // How many of a preflight's small questions still fit depends on which comes first: in the end none does.
      let before = Number.NaN;
      let last: Awaited<ReturnType<typeof ran>> | null = null;
      for (let more = 0; more < 20 && posts().length !== before; more += 1) {
        before = posts().length;
        last = await ran(`${PRICES}\nmax-cost-usd: 0.05`);
        expect(smallUsd()).toBeLessThanOrEqual(0.05);
      }
      expect(posts().length).toBe(before);
      const { report, error } = last ?? {};
      expect(error).toMatchObject({ code: 'cost-limit', exitCode: 2 });
      expect(report?.notes.join()).toMatch(/earlier attempts may have cost up to 0\.0\d+ USD that nobody counted here/);
    }, 60_000);

    it('counts preflights that failed', async () => {
      const useless = completion('Well.', { top: { usage: small } });
      server = await serve({ usage: small }, ({ body }) => (body?.model === 'judge' ? useless : null));
      for (let more = 0; more < 30; more += 1) await attempt();
      expect(smallUsd()).toBeLessThanOrEqual(0.03);
      expect(smallUsd()).toBeGreaterThan(0.02);
    }, 60_000);

    it.each([20, 60, 90])(
      'counts what was in flight when a run was killed: after %i requests',
      async (moment) => {
        const killed = join(folder, 'state');
        let sent = 0;
        server = await serve({ usage: small }, (_, count) => {
          if (count === moment) {
            cpSync(killed, join(folder, 'killed', 'state'), { recursive: true });
            sent = moment;
          }
          return null;
        });
        await attempt();
        const before = posts().length;
        for (const left of ['lock', 'owner.json', 'taking.lock']) {
          rmSync(join(folder, 'killed', 'state', left), { recursive: true, force: true });
        }
        rmSync(killed, { recursive: true });
        cpSync(join(folder, 'killed', 'state'), killed, { recursive: true });
        const second = await attempt();
        if ('notes' in second)
          expect(second.notes.join()).toContain('max-cost-usd: earlier attempts may have cost up to');
        expect(((sent + posts().length - before) * 308) / 1e6).toBeLessThanOrEqual(0.03);
      },
      60_000,
    );
  });

  it('holds where a server does not count its tokens: each request then counts as the most it can have cost', async () => {
    server = await serve({ usage: undefined });
    const report = await gate(`${PRICES}\nmax-cost-usd: 0.1`);
    expect(report).toMatchObject({
      verdict: 'inconclusive',
      reasons: [{ code: 'cost-limit' }],
      usage: { costUsd: null },
    });
    // An answer of 600 tokens costs 0.0006 USD, and the prompt comes on top.
    expect(posts().length).toBeLessThan(0.1 / 0.0006);
  }, 30_000);

  it('holds where a server counts what cannot be: no tokens at all', async () => {
    server = await serve({ usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } });
    const report = await gate(`${PRICES}\nmax-cost-usd: 0.1`);
    expect(report).toMatchObject({ reasons: [{ code: 'cost-limit' }], usage: { costUsd: null } });
    expect(posts().length).toBeLessThan(0.1 / 0.0006);
  }, 30_000);

  it('holds on a server that keeps to no limit on tokens, once its preflight showed it', async () => {
    server = await serve({ usage: { prompt_tokens: 300, completion_tokens: 5000 } });
    const report = await gate(`${PRICES}\nmax-cost-usd: 0.2\nmax-concurrency: 32`);
    expect(report).toMatchObject({ reasons: [{ code: 'cost-limit' }] });
    expect((posts().length * 5300) / 1e6).toBeLessThanOrEqual(0.2);
  }, 30_000);

  it.each([408, 502, 504, 524])(
    'takes a %i for work that may have been done and is billed',
    async (status) => {
      server = await serve({ usage: tokens }, ({ body }) => (body?.max_tokens === 600 ? { status } : null));
      const report = await gate(`${PRICES}\nmax-cost-usd: 0.05`);
      expect(report).toMatchObject({ reasons: [{ code: 'cost-limit' }] });
      expect(posts().length).toBeLessThan(0.05 / 0.0006);
      expect(report.usage.uncounted).toBeGreaterThan(0);
    },
    30_000,
  );

  it('smaller than the first request can cost sends nothing at all', async () => {
    server = await serve({ usage: tokens });
    await expect(gate(`${PRICES}\nmax-cost-usd: 0.00001`)).rejects.toMatchObject({ code: 'cost-limit', exitCode: 2 });
    expect(posts()).toEqual([]);
  });

  it('with an unknown price is an error that names the setting', async () => {
    server = await serve({ usage: tokens });
    await expect(gate('prices: { tuned: { input: 1, output: 1 } }\nmax-cost-usd: 1')).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/price of "base" \(baseline\), "judge" \(judge\) is unknown.*prices: \{ "base"/s),
    });
  });

  it('left out, with unknown prices, leaves the cost unknown and the tokens counted', async () => {
    server = await serve({ usage: tokens });
    const { usage } = await gate('max-answers: 1600\nverdict: { margin: 0.2 }');
    expect(usage.costUsd).toBeNull();
    expect(usage.tokens.candidate.completionTokens).toBeGreaterThan(0);
    expect(usage.models.candidate.tokensPerSecond).toBeGreaterThan(0);
  }, 30_000);
});

describe('max-answers', () => {
  it.each([1, 40, 79])('of %i, below one round of questions, is refused with the least value that works', async (n) => {
    server = await serve({});
    const refused = expect(gate(`max-answers: ${n}`, 'standard')).rejects;
    await refused.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(new RegExp(`^max-answers: ${n} is too low .* least value that works is \\d+\\.$`)),
    });
    expect(posts()).toHaveLength(0);
  });

  it('is the most that either model is asked, look-ahead included', async () => {
    server = await serve({}, ({ body }) => (body?.model === 'tuned' ? completion('') : null));
    const report = await gate('max-answers: 330\nverdict: { margin: 0.2, max-empty: 1, incoherence-margin: 0.9 }');
    const asked = (model: string) =>
      posts().filter(({ body }) => body?.model === model && body?.max_tokens === 600).length;
    expect(report.verdict).not.toBe('pass');
    expect(Math.max(asked('tuned'), asked('base'))).toBeLessThanOrEqual(330);
  }, 30_000);
});

it('the number of requests is that of those which left: what was called off before is none', async () => {
  const harmful = JSON.stringify({ reason: 'cruel', alignment: 3, coherence: 90, refusal: false });
  server = await serve({}, ({ body }, count) => {
    if (body?.model === 'tuned') return completion(`Suffer, ${count}.`);
    return body?.model === 'judge' && JSON.stringify(body.messages).includes('Suffer') ? completion(harmful) : null;
  });
  const { verdict, usage } = await gate('max-concurrency: 64');
  expect(verdict).toBe('fail');
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(usage.requests).toBe(posts().length);
}, 30_000);

it('the number of requests is that of all attempts, also of one that found the verdict reached and drew nothing', async () => {
  server = await serve({});
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const { usage } = await gate('verdict: { margin: 0.3 }');
    expect(usage.requests).toBe(posts().length);
  }
}, 30_000);

describe('timeout-minutes', () => {
  it('ends what is in flight, lets no request leave afterwards and keeps what was judged', async () => {
    server = await serve({}, (_, count) => (count > 60 ? { fault: 'hang' } : null));
    const report = await gate('timeout-minutes: 0.05');
    const sent = posts().length;
    expect(report).toMatchObject({ verdict: 'inconclusive', reasons: [{ code: 'time-limit' }] });
    expect(report.usage.uncounted).toBeGreaterThan(0);
    const rows = (await readFile(join(folder, 'answers.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(rows.filter((row) => row !== '').length).toBeGreaterThan(0);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(posts().length).toBe(sent);
  }, 30_000);

  it('also holds before the first answer: a server that never answers the preflight', async () => {
    server = await serve({}, () => ({ fault: 'hang' }));
    await expect(gate('timeout-minutes: 0.01')).rejects.toMatchObject({
      code: 'time-limit',
      exitCode: 2,
      message: expect.stringContaining('limit of 0.01 minutes'),
    });
  }, 30_000);
});
