import { readTokens } from './completion.js';
import type { HttpReply } from './http.js';
import type { Role } from './model.js';
import type { RequestCounter } from './ports.js';

/** What a request is, as far as its price goes. */
export interface Priced {
  readonly role: Role;
  readonly body: string;
  /** The reply's limit, as the body has it. */
  readonly maxTokens: number;
  readonly signal: AbortSignal | undefined;
}

/** For what a server's chat template adds to the messages: markers, a default system prompt, today's date. */
const TEMPLATE_TOKENS = 256;

/** Node's and undici's codes for a connection that never came about. */
const NEVER_SENT: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends a request once the budget has room for it, and counts what the reply says it took.
 * @throws ProviderError `cost-limit` when the budget has none; what `send` throws
 */
export async function billed(
  requests: RequestCounter,
  { role, body, maxTokens, signal }: Priced,
  send: () => Promise<HttpReply>,
): Promise<HttpReply> {
  // No tokenizer makes more tokens of a text than it has bytes.
  const most = { promptTokens: Buffer.byteLength(body) + TEMPLATE_TOKENS, completionTokens: maxTokens };
  const billing = await requests.bill(role, most, signal);
  try {
    const reply = await send();
    if (reply.status >= 200 && reply.status < 300) billing.replied(readTokens(reply.body));
    else billing.refused();
    return reply;
  } catch (error) {
    if (NEVER_SENT.has(codeOf(error))) billing.refused();
    else billing.lost();
    throw error;
  }
}

/** The system's code is in the cause of our own error. */
function codeOf(error: unknown): unknown {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  return typeof code === 'string' || !(cause instanceof Error) ? code : codeOf(cause);
}
