/** Header names in lower case, as Node and undici give them. */
export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What a server says is left of an allowance, and in how many milliseconds it is whole again. */
export interface Allowance {
  readonly remaining: number;
  readonly resetMs: number;
}

/** What a reply's headers say about when to ask again. */
export interface RateAdvice {
  /** Milliseconds that the server asks to wait; null where it does not say. */
  readonly waitMs: number | null;
  readonly requests: Allowance | null;
  readonly tokens: Allowance | null;
}

export const NO_ADVICE: RateAdvice = { waitMs: null, requests: null, tokens: null };

/**
 * `Retry-After` (RFC 9110, 10.2.3: seconds or a date), `retry-after-ms`, and OpenAI's `x-ratelimit-*`, which Azure, LiteLLM,
 * Groq and others send too. What can't be read counts as not said.
 * @param now milliseconds since the epoch
 */
export function readAdvice(headers: ReplyHeaders, now: number): RateAdvice {
  const milliseconds = decimal(headerOf(headers, 'retry-after-ms'));
  return {
    waitMs: milliseconds ?? readMoment(headerOf(headers, 'retry-after'), clockOf(headers) ?? now),
    requests: allowance(headers, 'requests', now),
    tokens: allowance(headers, 'tokens', now),
  };
}

/** A date is one of the server's own clock, which its reply tells: ours may be another. */
function clockOf(headers: ReplyHeaders): number | null {
  const date = Date.parse(headerOf(headers, 'date') ?? '');
  return Number.isNaN(date) ? null : date;
}

export function headerOf(headers: ReplyHeaders, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value)?.trim() || null;
}

function allowance(headers: ReplyHeaders, what: 'requests' | 'tokens', now: number): Allowance | null {
  const remaining = decimal(headerOf(headers, `x-ratelimit-remaining-${what}`));
  const resetMs = readMoment(headerOf(headers, `x-ratelimit-reset-${what}`), now);
  return remaining === null || resetMs === null ? null : { remaining, resetMs };
}

const GO_DURATION = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/;
/** A number of seconds beyond this is a moment, in seconds or milliseconds since the epoch. */
const EPOCH_SECONDS = 1e9;

/** Milliseconds from now: a number of seconds, a moment since the epoch, `6m0s`, `120ms`, or a date. */
function readMoment(text: string | null, now: number): number | null {
  if (text === null) return null;
  const seconds = decimal(text);
  if (seconds !== null) {
    if (seconds < EPOCH_SECONDS) return seconds * 1000;
    return Math.max(0, (seconds < EPOCH_SECONDS * 1000 ? seconds * 1000 : seconds) - now);
  }
  const parts = GO_DURATION.exec(text);
  if (parts !== null) {
    const [hours = 0, minutes = 0, secs = 0, ms = 0] = parts.slice(1).map((part) => Number(part ?? 0));
    return ((hours * 60 + minutes) * 60 + secs) * 1000 + ms;
  }
  // Without a letter it is no date, whatever the engine makes of it.
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

function decimal(text: string | null): number | null {
  return text !== null && /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}
