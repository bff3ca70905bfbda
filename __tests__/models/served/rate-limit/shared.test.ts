import { setTimeout as sleepFor } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ProviderError } from '../../../../src/core/errors.js';
import type { Arm } from '../../../../src/models/model.js';
import type { ModelPorts } from '../../../../src/models/request-budget.js';
import { FaultCounts } from '../../../../src/models/served/failures/fault-counts.js';
import { Throttles } from '../../../../src/models/served/rate-limit/limiter.js';
import { openServed } from '../../../../src/models/served/served-model.js';
import { completion, type FaultServer, type Reply } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, serve } from '../../served.js';
import { served, testPorts } from '../../support.js';

afterEach(closeServers);

/** Ports of a run whose time passes only in waits for an endpoint, or not even there: then a wait ends by being called off. */
function scene({ deadline = Number.POSITIVE_INFINITY, sleepMs = 20 } = {}) {
  let now = 0;
  const waits: string[] = [];
  const throttles = new Throttles(4, {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      const until = now + milliseconds;
      // Replies that are under way come in first.
      await sleepFor(sleepMs, undefined, signal ? { signal } : {});
      now = Math.max(now, until);
    },
    random: () => 0.5,
    deadline,
    onWait: (why) => waits.push(why),
  });
  const ports: ModelPorts = { ...testPorts(), throttles, faults: new FaultCounts() };
  return { ports, waits, now: () => now };
}

function open(server: FaultServer, arm: Arm, ports: ModelPorts) {
  return openServed(arm, served(`${server.origin}/v1`), arm, ports, LIMITS);
}

const limited = (headers: Readonly<Record<string, string>>): Reply => ({
  status: 429,
  headers,
  body: { error: { code: 'rate_limit_exceeded', message: 'slow down' } },
});

describe('what one caller hears from an endpoint', () => {
  it.each([
    ['Retry-After in seconds', limited({ 'retry-after': '20' }), 20_000],
    ['Retry-After in milliseconds', limited({ 'retry-after-ms': '1500' }), 1_500],
    ['a 503 with Retry-After', { ...limited({ 'retry-after': '7' }), status: 503 }, 7_000],
    [
      'no requests left',
      { ...completion('Hi.'), headers: { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '1m' } },
      60_000,
    ],
    [
      'too few tokens left',
      { ...completion('Hi.'), headers: { 'x-ratelimit-remaining-tokens': '9', 'x-ratelimit-reset-tokens': '6m0s' } },
      360_000,
    ],
  ] as const)('holds for every other caller of it: %s', async (_, reply, wait) => {
    const replies: Reply[] = [reply];
    const arrivals: number[] = [];
    const { ports, now } = scene();
    const server = await serve(() => {
      arrivals.push(now());
      return replies.shift() ?? completion('Hi.');
    });
    let heard = false;
    const first = ask(open(server, 'candidate', ports)).finally(() => {
      heard = true;
    });
    while (!heard && ports.faults.rows.length === 0) await sleepFor(1);
    await Promise.all([first, ask(open(server, 'baseline', ports)), ask(open(server, 'candidate', ports))]);
    expect(arrivals[0]).toBe(0);
    for (const arrival of arrivals.slice(1)) expect(arrival).toBeGreaterThanOrEqual(wait);
    expect(now()).toBeLessThan(wait + 2_000);
  });

  it('by a date holds until then', async () => {
    // The reply's date is read by the real clock.
    const replies = [limited({ 'retry-after': new Date(Date.now() + 60_000).toUTCString() })];
    const { ports, now } = scene();
    const server = await serve(() => replies.shift() ?? completion('Hi.'));
    await ask(open(server, 'candidate', ports));
    expect(now()).toBeGreaterThan(55_000);
    expect(now()).toBeLessThanOrEqual(60_000);
  });

  it('is nothing to another one, which goes on at its own pace', async () => {
    const { ports, now } = scene({ sleepMs: 1e9 });
    const [slow, fast] = [await serve(() => limited({ 'retry-after': '500' })), await serve(() => completion('Hi.'))];
    const controller = new AbortController();
    const stuck = errorFrom(ask(open(slow, 'baseline', ports), controller.signal));
    while (ports.throttles.waiting === null) await sleepFor(1);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(open(fast, 'candidate', ports))));
    expect(answers.every(({ kind }) => kind === 'answer')).toBe(true);
    expect(ports.throttles.report.find(({ baseUrl }) => baseUrl.startsWith(fast.origin))).toMatchObject({
      lowest: 4,
      waitedSeconds: 0,
    });
    expect(now()).toBe(0);
    expect(slow.seen).toHaveLength(1);
    controller.abort();
    await stuck;
  });
});

describe('a whole round trip of replies', () => {
  it.each<readonly [string, Reply, number]>([
    ['429', limited({ 'retry-after-ms': '1' }), 2],
    ['503', { status: 503, body: {} }, 2],
    ['504', { status: 504, body: {} }, 2],
    ['408', { status: 408, body: {} }, 2],
    ['too late', { fault: 'hang' }, 2],
    ['500', { status: 500, body: {} }, 4],
    ['502', { status: 502, body: {} }, 4],
    ['a reset', { fault: 'cut' }, 4],
  ])('to four at once, all %s: the limit is halved once, or not at all', async (_, reply, lowest) => {
    // Nobody asks again before all four have arrived.
    const { ports } = scene({ sleepMs: 300 });
    let bad = 4;
    const server = await serve(() => {
      bad -= 1;
      return bad >= 0 ? reply : completion('Hi.');
    });
    const limits = { ...LIMITS, firstPauseMs: 300, timeoutSeconds: reply.fault === 'hang' ? 0.5 : 10 };
    const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, limits);
    const answers = await Promise.all(Array.from({ length: 4 }, () => ask(model)));
    expect(answers.map(({ kind }) => kind)).toEqual(answers.map(() => 'answer'));
    expect(ports.throttles.report[0]?.lowest).toBe(lowest);
  });
});

describe('an endpoint that limits the rate for 1,000 s', () => {
  it.each([
    ['at once', { 'retry-after': '1000' }],
    ['minute by minute', { 'retry-after': '60' }],
    ['and never says for how long', {}],
  ])('is waited for, told %s, and loses nothing', async (_, headers) => {
    const { ports, waits, now } = scene({ deadline: 3_600_000 });
    const server = await serve(() => (now() < 1_000_000 ? limited(headers) : completion('Hi.')));
    const model = open(server, 'candidate', ports);
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(model)));
    expect(answers.map(({ kind }) => kind)).toEqual(answers.map(() => 'answer'));
    expect(now()).toBeGreaterThanOrEqual(1_000_000);
    expect(now()).toBeLessThan(1_100_000);
    expect(waits[0]).toMatch(/^http:\/\/127.*\/v1 limits the rate: nothing is sent to it for \d+ s, /);
    expect(waits[0]).toMatch(/(as it asks|the gate's own pause) \("slow down"\)$/);
    const [endpoint] = ports.throttles.report;
    expect(endpoint?.waitedSeconds).toBeGreaterThan(900);
    expect(ports.faults.rows).toEqual([expect.objectContaining({ fault: 'rate-limited', lost: 0 })]);
  });

  it('beyond the run’s time ends it with that reason, exit code 2', async () => {
    const { ports, now } = scene({ deadline: 600_000 });
    const server = await serve(() => limited({}));
    const error = await errorFrom(ask(open(server, 'candidate', ports)));
    expect(error).toMatchObject({ code: 'endpoint.rate-limited' });
    expect((error as ProviderError).exitCode).toBe(2);
    expect(error.message).toMatch(/limits the rate.*longer than timeout-minutes leaves/);
    expect(now()).toBeLessThanOrEqual(600_000);
    expect(now()).toBeGreaterThan(560_000);
  });
});
