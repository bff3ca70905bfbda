import { describe, expect, it } from '@jest/globals';
import type { Signs } from '../../../../src/models/served/rate-limit/attempt-outcome.js';
import { NO_ADVICE } from '../../../../src/models/served/rate-limit/headers.js';
import { Throttles } from '../../../../src/models/served/rate-limit/limiter.js';

/** A run whose time passes only in sleep. */
function scene(ceiling = 4, deadline = Number.POSITIVE_INFINITY) {
  let now = 0;
  const waits: string[] = [];
  const throttles = new Throttles(ceiling, {
    now: () => now,
    sleep: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      const until = now + milliseconds;
      await Promise.resolve();
      now = Math.max(now, until);
    },
    random: () => 0.5,
    deadline,
    onWait: (why) => waits.push(why),
  });
  return { throttles, waits, now: () => now };
}

const TICKET = { priority: 0, tokens: 1, signal: undefined, batch: '' };
const FINE: Signs = { kind: 'fine', advice: NO_ADVICE };
const limited = (waitMs: number): Signs => ({ kind: 'rate-limited', advice: { ...NO_ADVICE, waitMs } });

function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe('an endpoint', () => {
  it('never has more requests in flight than allowed, over all who ask', async () => {
    const { throttles } = scene(3);
    let inFlight = 0;
    let most = 0;
    const send = async () => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await new Promise((resolve) => setImmediate(resolve));
      inFlight -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => throttles.at('http://a/v1').run(TICKET, send, () => FINE)));
    expect(most).toBe(3);
  });

  it('asked to wait 1,000 s is left alone for so long, and the wait is told and counted once', async () => {
    const { throttles, waits, now } = scene();
    const throttle = throttles.at('http://a/v1');
    await throttle.run(
      TICKET,
      async () => 'no',
      () => limited(1_000_000),
    );
    expect(throttles.waiting).toMatch(/http:\/\/a\/v1 limits the rate: 1000 s to wait/);
    await Promise.all(
      [1, 2, 3].map(() =>
        throttle.run(
          TICKET,
          async () => expect(now()).toBe(1_000_000),
          () => FINE,
        ),
      ),
    );
    expect(waits).toEqual([
      expect.stringMatching(/^http:\/\/a\/v1 limits the rate: nothing is sent to it for 1000 s, as it asks$/),
    ]);
    expect(throttles.report).toEqual([{ baseUrl: 'http://a/v1', ceiling: 4, lowest: 2, waitedSeconds: 1_000 }]);
    expect(throttles.waiting).toBeNull();
  });

  it('that refuses without a time is paused by the gate, which says so with the words of the server', async () => {
    const { throttles, waits } = scene(1);
    const throttle = throttles.at('http://a/v1');
    const refusal = { kind: 'rate-limited', advice: NO_ADVICE, said: 'tokens a minute: 0 left' } as const;
    for (let asked = 0; asked < 9; asked += 1) {
      await throttle.run(
        TICKET,
        async () => 'no',
        () => refusal,
      );
    }
    expect(waits.length).toBeGreaterThan(0);
    for (const why of waits) {
      expect(why).toMatch(/nothing is sent to it for \d+ s, the gate's own pause \("tokens a minute: 0 left"\)$/);
    }
    expect(throttles.waiting).toMatch(/ s to wait \("tokens a minute: 0 left"\)$/);
  });

  it('whose further refusals move the end of a wait a little tells it once', async () => {
    const night = gate();
    let now = 0;
    const waits: string[] = [];
    const throttle = new Throttles(8, {
      now: () => now,
      sleep: async (milliseconds) => {
        const until = now + milliseconds;
        await night.opened;
        now = Math.max(now, until);
      },
      random: () => 0.5,
      deadline: Number.POSITIVE_INFINITY,
      onWait: (why) => waits.push(why),
    }).at('http://a/v1');
    const doors = [gate(), gate(), gate()];
    const refusals = doors.map(({ opened }, at) =>
      throttle.run(
        TICKET,
        () => opened,
        () => limited(60_000 + at * 100),
      ),
    );
    const callers: Promise<unknown>[] = [];
    for (const [at, door] of doors.entries()) {
      door.open();
      await refusals[at];
      callers.push(
        throttle.run(
          TICKET,
          async () => {},
          () => FINE,
        ),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    night.open();
    await Promise.all(callers);
    expect(now).toBe(60_200);
    expect(waits).toHaveLength(1);
  });

  it('that asks for a wait beyond the time limit is asked again, and given up once it says so three times', async () => {
    const { throttles } = scene(4, 600_000);
    const throttle = throttles.at('http://a/v1');
    const refusal = () =>
      throttle.run(
        TICKET,
        async () => 'no',
        () => limited(3_600_000),
      );
    for (const _ of [1, 2, 3]) await refusal();
    await expect(refusal()).rejects.toThrow(/limits the rate.* wait 3600 seconds, longer than timeout-minutes leaves/);
    expect(throttles.report[0]).toMatchObject({ askedSeconds: 3_600, heldSeconds: 300 });
  });

  it('does not hold up another one', async () => {
    const { throttles } = scene(1);
    const { open, opened } = gate();
    const slow = throttles.at('http://slow/v1').run(
      TICKET,
      () => opened,
      () => FINE,
    );
    const queued = throttles.at('http://slow/v1').run(
      TICKET,
      async () => 'late',
      () => FINE,
    );
    const answers = await Promise.all(
      [1, 2, 3].map((n) =>
        throttles.at('http://fast/v1').run(
          TICKET,
          async () => n,
          () => FINE,
        ),
      ),
    );
    expect(answers).toEqual([1, 2, 3]);
    open();
    await slow;
    expect(await queued).toBe('late');
  });

  it('lets a judgement go before an answer that waits for longer', async () => {
    const { throttles } = scene(1);
    const throttle = throttles.at('http://a/v1');
    const { open, opened } = gate();
    const order: string[] = [];
    const ask = (name: string, priority: number) =>
      throttle.run(
        { ...TICKET, priority },
        async () => void order.push(name),
        () => FINE,
      );
    const first = throttle.run(
      TICKET,
      () => opened,
      () => FINE,
    );
    const rest = [ask('answer', -1), ask('judgement', 1)];
    open();
    await Promise.all([first, ...rest]);
    expect(order).toEqual(['judgement', 'answer']);
  });

  it('sends nothing once the run is stopped, in a pause or in the queue', async () => {
    const { throttles } = scene(1);
    const throttle = throttles.at('http://a/v1');
    const controller = new AbortController();
    const { open, opened } = gate();
    const sent: string[] = [];
    const first = throttle.run(
      TICKET,
      () => opened,
      () => FINE,
    );
    const waiting = throttle.run(
      { ...TICKET, signal: controller.signal },
      async () => void sent.push('x'),
      () => FINE,
    );
    controller.abort(new Error('stop'));
    await expect(waiting).rejects.toThrow('stop');
    open();
    await first;
    expect(sent).toEqual([]);
  });
});
