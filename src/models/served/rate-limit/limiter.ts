import { setTimeout as sleepFor } from 'node:timers/promises';
import PQueue from 'p-queue';
import { ProviderError } from '../../../core/errors.js';
import { Turns } from './adapter-batches.js';
import type { Signs, Ticket } from './attempt-outcome.js';
import { type Attempt, begin, congested, heard, openPace, type Pace, succeeded, waitFor } from './congestion.js';
import { HeldWaits } from './held-waits.js';

/** Requests of one kind in a row on a server that takes turns. */
const BATCH = 32;

export interface ThrottlePorts {
  readonly now: () => number;
  readonly sleep: (milliseconds: number, signal: AbortSignal | undefined) => Promise<void>;
  /** In [0, 1). */
  readonly random: () => number;
  /** When the run must be over, in milliseconds since the epoch: no wait goes beyond it. */
  readonly deadline: number;
  /** The longest that one reply can make anybody wait; absent for no such limit. */
  readonly maxWaitMs?: number;
  /** Told when a wait begins that a user will notice. */
  readonly onWait: (why: string) => void;
}

export const REAL_TIME: Pick<ThrottlePorts, 'now' | 'sleep' | 'random'> = {
  now: () => Date.now(),
  sleep: async (milliseconds, signal) => {
    await sleepFor(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
  random: () => Math.random(),
};

/** What the report says of an endpoint. */
export interface EndpointPace {
  readonly baseUrl: string;
  /** Requests in flight at most: as allowed, and as low as it went. */
  readonly ceiling: number;
  readonly lowest: number;
  /** Seconds in which nothing was sent because the server limits the rate. */
  readonly waitedSeconds: number;
  /** The longest wait that the server asked for and was not given, in seconds, and what was waited instead (`max-wait`). */
  readonly askedSeconds?: number;
  readonly heldSeconds?: number;
}

/** Waits shorter than this are not worth a line. */
const NOTICEABLE_MS = 5_000;

/** One endpoint's gate, shared by every role that is served there: nothing is sent to it but through here. */
export class Throttle {
  #pace: Pace;
  #lowest: number;
  #waitedUntil = 0;
  #toldUntil = 0;
  /** What the server itself asks for; a pause beyond it is the gate's own. */
  #askedUntil = 0;
  #said = '';
  #waitedMs = 0;
  #answers = 0;
  readonly #held: HeldWaits;
  readonly #queue: PQueue;
  #turns: Turns | null = null;

  constructor(
    private readonly baseUrl: string,
    ceiling: number,
    private readonly ports: ThrottlePorts,
  ) {
    this.#pace = openPace(ceiling);
    this.#lowest = ceiling;
    this.#held = new HeldWaits(ports);
    this.#queue = new PQueue({ concurrency: ceiling });
  }

  get report(): EndpointPace {
    const { baseUrl } = this;
    const { longest } = this.#held;
    return {
      baseUrl,
      ceiling: this.#pace.ceiling,
      lowest: this.#lowest,
      waitedSeconds: Math.round(this.#waitedMs / 1000),
      ...(longest ? { askedSeconds: inSeconds(longest.asked), heldSeconds: inSeconds(longest.held) } : {}),
    };
  }

  /** Usable replies so far: whether the endpoint lives, and one request alone is in trouble. */
  get answers(): number {
    return this.#answers;
  }

  answered(): void {
    this.#answers += 1;
  }

  /** Why nothing is sent at present; null while requests flow. */
  get waiting(): string | null {
    const left = Math.max(this.#pace.pausedUntil, this.#waitedUntil) - this.ports.now();
    return left < NOTICEABLE_MS
      ? null
      : `${this.baseUrl} limits the rate: ${Math.ceil(left / 1000)} s to wait${this.#words}`;
  }

  /**
   * Sends when there is room and no pause, and learns from what came of it.
   * @param signs reads what a result or an error says about the endpoint
   * @throws what `send` throws; ProviderError when the endpoint asks for a wait beyond the run's time; the signal's reason
   */
  async run<T>(
    ticket: Ticket,
    send: () => Promise<T>,
    signs: (result: { readonly value: T } | { readonly error: unknown }) => Signs,
  ): Promise<T> {
    const turns = this.#turns;
    if (turns === null) return this.#queued(ticket, send, signs);
    await turns.enter(ticket.batch, ticket.signal);
    try {
      return await this.#queued(ticket, send, signs);
    } finally {
      turns.leave();
    }
  }

  /** From now on requests of different kinds are not mixed. */
  takeTurns(): void {
    this.#turns ??= new Turns(BATCH);
  }

  async #queued<T>(
    ticket: Ticket,
    send: () => Promise<T>,
    signs: (result: { readonly value: T } | { readonly error: unknown }) => Signs,
  ): Promise<T> {
    const { priority, tokens, signal } = ticket;
    return this.#queue.add(
      async () => {
        await this.#room(tokens, signal);
        const { pace, attempt } = begin(this.#pace, tokens, this.ports.now());
        this.#pace = pace;
        try {
          const value = await send();
          this.#learn(attempt, signs({ value }));
          return value;
        } catch (error) {
          this.#learn(attempt, signs({ error }));
          throw error;
        }
      },
      signal === undefined ? { priority } : { priority, signal },
    );
  }

  async #room(tokens: number, signal: AbortSignal | undefined): Promise<void> {
    const { now, sleep, deadline } = this.ports;
    for (;;) {
      signal?.throwIfAborted();
      const wait = waitFor(this.#pace, tokens, now());
      if (wait === 0) return;
      if (this.#held.isMeant || now() + wait > deadline) throw this.#tooLong(this.#held.asked ?? wait);
      this.#noteWait(now(), wait);
      await sleep(wait, signal);
    }
  }

  /** Callers wait side by side: the time counts once. */
  #noteWait(now: number, wait: number): void {
    const until = now + wait;
    const further = until - Math.max(now, this.#waitedUntil);
    if (further <= 0) return;
    this.#waitedMs += further;
    this.#waitedUntil = until;
    // Every further refusal moves the end a little: that is no news.
    if (wait < NOTICEABLE_MS || until - this.#toldUntil < NOTICEABLE_MS) return;
    this.#toldUntil = until;
    const { pausedUntil } = this.#pace;
    const asked =
      this.#held.asked === null ? 'as it asks' : `of the ${inSeconds(this.#held.asked)} s that it asks for (max-wait)`;
    const whose = until === pausedUntil && pausedUntil > this.#askedUntil ? "the gate's own pause" : asked;
    const seconds = Math.ceil(wait / 1000);
    this.ports.onWait(
      `${this.baseUrl} limits the rate: nothing is sent to it for ${seconds} s, ${whose}${this.#words}`,
    );
  }

  get #words(): string {
    return this.#said === '' ? '' : ` ("${this.#said}")`;
  }

  #learn(attempt: Attempt, { kind, advice: given, said }: Signs): void {
    const now = this.ports.now();
    if (kind === 'fine') this.#held.fine();
    const advice = this.#held.followed(given, now);
    if (said !== undefined) this.#said = said;
    if (advice.waitMs !== null) this.#askedUntil = Math.max(this.#askedUntil, now + advice.waitMs);
    if (kind === 'fine') this.#pace = succeeded(this.#pace, attempt, advice, now);
    else if (kind === 'failed') this.#pace = heard(this.#pace, attempt, advice, now);
    else {
      const pauses = kind === 'rate-limited';
      this.#pace = congested(this.#pace, attempt, advice, { pauses, jitter: this.ports.random(), now });
    }
    const limit = Math.floor(this.#pace.limit);
    this.#lowest = Math.min(this.#lowest, limit);
    if (this.#queue.concurrency !== limit) this.#queue.concurrency = limit;
  }

  #tooLong(wait: number): ProviderError {
    const seconds = Math.ceil(wait / 1000);
    return new ProviderError(
      'endpoint.rate-limited',
      `${this.baseUrl}: limits the rate${this.#words}, and the next request would have to wait ${seconds} seconds, longer than timeout-minutes leaves. Lower max-concurrency, raise timeout-minutes, or run again later`,
    );
  }
}

function inSeconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/** The throttles of one run, one for each base URL. */
export class Throttles {
  readonly #open = new Map<string, Throttle>();

  constructor(
    private readonly ceiling: number,
    private readonly ports: ThrottlePorts,
  ) {}

  at(baseUrl: string): Throttle {
    const throttle = this.#open.get(baseUrl) ?? new Throttle(baseUrl, this.ceiling, this.ports);
    this.#open.set(baseUrl, throttle);
    return throttle;
  }

  get report(): readonly EndpointPace[] {
    return [...this.#open.values()].map(({ report }) => report);
  }

  /** The first endpoint that holds everything up, in words for the progress line. */
  get waiting(): string | null {
    for (const { waiting } of this.#open.values()) if (waiting !== null) return waiting;
    return null;
  }
}
