import type { Allowance, RateAdvice } from './headers.js';

/** So many waits in a row, each cut short and asked for again beyond the run's time, are what the server means. */
const MEANT = 3;
/** Milliseconds beyond this are no length of time: what a report says of them stays a number. */
const LARGEST_MS = 1e15;

interface Limits {
  /** `max-wait`; absent for none. */
  readonly maxWaitMs?: number;
  /** When the run must be over. */
  readonly deadline: number;
}

/**
 * Keeps one reply's headers from stopping a run: no wait is longer than `max-wait`, nor than half the time that is left, so that
 * the server is asked again while there is time. Times in milliseconds.
 */
export class HeldWaits {
  #until = 0;
  #inARow = 0;
  #longest: { readonly asked: number; readonly held: number } | null = null;
  #beyond = false;

  constructor(private readonly limits: Limits) {}

  /** The longest wait that was asked for and not given, with what was waited instead; null without one. */
  get longest(): { readonly asked: number; readonly held: number } | null {
    return this.#longest;
  }

  /** What was asked for last, where a wait for it was cut short. */
  get asked(): number | null {
    return this.#inARow > 0 ? (this.#longest?.asked ?? null) : null;
  }

  /** Asked again and again to wait for longer than the run has. */
  get isMeant(): boolean {
    return this.#beyond && this.#inARow >= MEANT;
  }

  /** A reply that was no refusal. */
  fine(): void {
    this.#inARow = 0;
  }

  /** What of a reply's advice is followed. */
  followed(advice: RateAdvice, now: number): RateAdvice {
    const { maxWaitMs = Number.POSITIVE_INFINITY, deadline } = this.limits;
    const left = Math.max(0, deadline - now);
    const most = Math.min(maxWaitMs, left / 2);
    const within = (allowance: Allowance | null) =>
      allowance === null ? null : { ...allowance, resetMs: Math.min(allowance.resetMs, most) };
    const asked = Math.max(advice.waitMs ?? 0, resetOf(advice.requests), resetOf(advice.tokens));
    if (asked > most) this.#note(Math.min(asked, LARGEST_MS), most, now, asked > left);
    return {
      waitMs: advice.waitMs === null ? null : Math.min(advice.waitMs, most),
      requests: within(advice.requests),
      tokens: within(advice.tokens),
    };
  }

  #note(asked: number, held: number, now: number, beyond: boolean): void {
    if (this.#longest === null || asked > this.#longest.asked) this.#longest = { asked, held };
    this.#beyond = beyond;
    // Replies to what was sent before the pause say the same once more.
    if (now < this.#until) return;
    this.#inARow += 1;
    this.#until = now + held;
  }
}

function resetOf(allowance: Allowance | null): number {
  return allowance === null || allowance.remaining > 0 ? 0 : allowance.resetMs;
}
