/**
 * How fast an endpoint may be asked, learned from its replies: a pure state machine, time is a parameter (milliseconds).
 * Additive increase, multiplicative decrease, as TCP does it (Chiu and Jain 1989): the limit on requests in flight is halved
 * on congestion, once a round trip however many replies complain, and grows by one in every round trip without.
 */
import type { Allowance, RateAdvice } from './headers.js';

export interface Pace {
  /** Requests in flight at most; between whole numbers while it grows. At least 1, at most `ceiling`. */
  readonly limit: number;
  readonly ceiling: number;
  /** Cuts so far. A reply to an attempt from before the last cut says nothing about the new limit. */
  readonly cuts: number;
  /** Cuts since the last success. */
  readonly setbacks: number;
  readonly pausedUntil: number;
  /** Begun so far: attempts, and the tokens they may use. */
  readonly begun: Cost;
  readonly windows: Readonly<Record<keyof Cost, Window | null>>;
}

export interface Cost {
  readonly requests: number;
  readonly tokens: number;
}

/** What the server said was left, less what was begun since. */
interface Window {
  readonly remaining: number;
  readonly resetAt: number;
  /** `begun` of the attempt whose reply said so: an older reply does not replace a newer one's word. */
  readonly saidAt: number;
}

/** What was true when an attempt began. */
export interface Attempt {
  readonly cuts: number;
  readonly begun: Cost;
}

/** The pause after a 429 that names none doubles from here to there. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
/** A server that asks for short waits and goes on refusing is left alone for longer than it asks. */
const TRUSTED_SETBACKS = 3;

export function openPace(ceiling: number): Pace {
  return {
    limit: ceiling,
    ceiling,
    cuts: 0,
    setbacks: 0,
    pausedUntil: 0,
    begun: { requests: 0, tokens: 0 },
    windows: { requests: null, tokens: null },
  };
}

/** Milliseconds until an attempt may begin; 0 for now. */
export function waitFor({ pausedUntil, windows }: Pace, tokens: number, now: number): number {
  const until = Math.max(pausedUntil, fullUntil(windows.requests, 1), fullUntil(windows.tokens, tokens));
  return Math.max(0, until - now);
}

/** When a window has room again; a request larger than what the server ever grants waits for a fresh window, no longer. */
function fullUntil(window: Window | null, cost: number): number {
  return window === null || window.remaining >= cost ? 0 : window.resetAt;
}

export function begin(pace: Pace, tokens: number, now: number): { readonly pace: Pace; readonly attempt: Attempt } {
  const begun = { requests: pace.begun.requests + 1, tokens: pace.begun.tokens + tokens };
  const windows = {
    requests: lessened(pace.windows.requests, 1, now),
    tokens: lessened(pace.windows.tokens, tokens, now),
  };
  return { pace: { ...pace, begun, windows }, attempt: { cuts: pace.cuts, begun } };
}

function lessened(window: Window | null, cost: number, now: number): Window | null {
  return window === null || window.resetAt <= now ? null : { ...window, remaining: window.remaining - cost };
}

/** After a reply that is no sign of congestion. */
export function succeeded(pace: Pace, attempt: Attempt, advice: RateAdvice, now: number): Pace {
  const told = heard(pace, attempt, advice, now);
  if (attempt.cuts < pace.cuts) return told;
  return { ...told, setbacks: 0, limit: Math.min(pace.ceiling, pace.limit + 1 / Math.floor(pace.limit)) };
}

/**
 * After a 429, a 503 or a reply that did not come in time.
 * @param pauses whether the server is to be left alone for a while even if it does not say for how long (429)
 * @param jitter in [0, 1)
 */
export function congested(
  pace: Pace,
  attempt: Attempt,
  advice: RateAdvice,
  { pauses, jitter, now }: { readonly pauses: boolean; readonly jitter: number; readonly now: number },
): Pace {
  const told = heard(pace, attempt, advice, now);
  if (attempt.cuts < pace.cuts) return told;
  const cut = {
    ...told,
    limit: Math.max(1, Math.floor(pace.limit / 2)),
    cuts: pace.cuts + 1,
    setbacks: pace.setbacks + 1,
  };
  const trusted = advice.waitMs !== null && cut.setbacks <= TRUSTED_SETBACKS;
  return pauses && !trusted ? paused(cut, now + backoff(cut.setbacks, jitter)) : cut;
}

function backoff(setbacks: number, jitter: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (setbacks - 1));
  return longest * (0.5 + jitter / 2);
}

function paused(pace: Pace, until: number): Pace {
  return { ...pace, pausedUntil: Math.max(pace.pausedUntil, until) };
}

/** Takes in what a reply's headers say: nothing else, if the reply tells of other trouble than congestion. */
export function heard(pace: Pace, attempt: Attempt, advice: RateAdvice, now: number): Pace {
  const told = advice.waitMs === null ? pace : paused(pace, now + advice.waitMs);
  if (advice.requests === null && advice.tokens === null) return told;
  const window = (what: keyof Cost): Window | null => {
    const said: Allowance | null = advice[what];
    const known = pace.windows[what];
    const saidAt = attempt.begun[what];
    if (said === null || (known !== null && known.saidAt > saidAt)) return known;
    // What was begun after this attempt may not be in the server's figure yet.
    return { remaining: said.remaining - (pace.begun[what] - saidAt), resetAt: now + said.resetMs, saidAt };
  };
  return { ...told, windows: { requests: window('requests'), tokens: window('tokens') } };
}
