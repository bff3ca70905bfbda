import { isFilterCode, saysFiltered } from './moderation.js';

/** What a server said went wrong, in one shape whatever server it is. All texts are from outside. */
export interface ServerWords {
  readonly message: string;
  readonly code: string | null;
  readonly param: string | null;
  readonly contentType: string | null;
  /** A content filter blocked the prompt. */
  readonly filtered: boolean;
  /** The account has no credit left: waiting does not help. */
  readonly quotaUsedUp: boolean;
  /** The key is none of the server's, whatever its status says. */
  readonly keyUnknown: boolean;
}

const MAX_SHOWN = 300;

/** As OpenAI, Azure, LiteLLM and OpenRouter have it. A limit by the minute is another thing: that one passes. */
const QUOTA_CODES: ReadonlySet<unknown> = new Set([
  'insufficient_quota',
  'billing_hard_limit_reached',
  'billing_not_active',
  'budget_exceeded',
]);
/** Some word a limit by the minute as a quota, and say when it is whole again: Google's servers. */
const PASSES_SOON = /"retryDelay"|retry (in|after) \d/i;
const QUOTA_WORDS =
  /exceeded your current quota|insufficient (credits?|balance|funds)|credit balance is too low|budget has been exceeded/i;

/** LiteLLM's proxy without a database, asked with another key than its own: it would look that key up, and answers with a 400. */
const NO_DATABASE = 'no_db_connection';

/** Text from outside as one short line for a message: no control, bidi or zero-width characters, no lone surrogates. */
export function inertWords(text: string): string {
  const line = wellFormed(text.slice(0, MAX_SHOWN * 4))
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .replace(/\p{Cf}/gu, '')
    .trim();
  return line.length > MAX_SHOWN ? `${wellFormed(line.slice(0, MAX_SHOWN))}…` : line;
}

/** Lone surrogates become U+FFFD, as UTF-8 has none. */
export function wellFormed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/**
 * The error body of any of the usual servers: OpenAI and Azure (`{error: {message, code, param}}`), vLLM
 * (`{message, object: "error"}`), Ollama (`{error: "…"}`), FastAPI (`{detail: …}`), Google (`[{error: …}]`), or a proxy's HTML
 * page. LiteLLM and OpenRouter hand on what the provider behind them said in fields of their own.
 */
export function readServerWords(body: string, contentType: string | null): ServerWords {
  const parsed = parseObject(body);
  const error = asObject(parsed?.error) ?? parsed ?? {};
  const behind = providerError(error);
  const code = textOf(error.code) ?? textOf(error.type);
  const own = textOf(error.message) ?? textOf(parsed?.error) ?? detailOf(parsed?.detail) ?? plainText(body, parsed);
  const message = behind === null ? own : `${own}: ${behind.message}`;
  return {
    message: inertWords(message),
    code,
    param: textOf(error.param) ?? behind?.param ?? null,
    contentType,
    filtered: isFiltered(error, message) || behind?.filtered === true,
    quotaUsedUp:
      [error.code, error.type].some((word) => QUOTA_CODES.has(word)) ||
      (QUOTA_WORDS.test(message) && !PASSES_SOON.test(body)),
    keyUnknown: error.type === NO_DATABASE,
  };
}

/** OpenRouter: "Provider returned error", and the provider's own body in `metadata.raw`. */
function providerError(error: Readonly<Record<string, unknown>>): ServerWords | null {
  const raw = textOf(asObject(error.metadata)?.raw);
  return raw === null ? null : readServerWords(raw, null);
}

function isFiltered(error: Readonly<Record<string, unknown>>, message: string): boolean {
  const inner = [error, asObject(error.provider_specific_fields)].map((at) => asObject(at?.innererror)?.code);
  return (
    [error.code, error.type, ...inner].some(isFilterCode) ||
    asObject(error.metadata)?.flagged_input !== undefined ||
    saysFiltered(message)
  );
}

export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    // Google's servers put their one error into a list.
    return asObject(Array.isArray(value) ? value[0] : value);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : null;
}

function detailOf(detail: unknown): string | null {
  return detail === undefined || detail === null ? null : (textOf(detail) ?? JSON.stringify(detail));
}

function plainText(body: string, parsed: unknown): string {
  if (parsed !== undefined) return body;
  return body
    .slice(0, 20_000)
    .replace(/<(script|style)[^<]*<\/\1>/gi, ' ')
    .replace(/<[^>]*>/g, ' ');
}
