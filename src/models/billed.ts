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

/**
 * Sends a request once the budget has room for it, and counts what the reply says it took.
 * @throws ProviderError `cost-limit` when the budget has none; what `send` throws
 */
export async function billed(
  requests: RequestCounter,
  { role, body, maxTokens, signal }: Priced,
  send: (onSent: () => void) => Promise<HttpReply>,
): Promise<HttpReply> {
  // No tokenizer makes more tokens of a text than it has bytes.
  const most = { promptTokens: Buffer.byteLength(body) + TEMPLATE_TOKENS, completionTokens: maxTokens };
  const billing = await requests.bill(role, most, signal);
  let sent = false;
  try {
    const reply = await send(() => {
      sent = true;
      requests.sent(role);
    });
    const usage = readTokens(reply.body);
    // A generation that broke off has its tokens counted, too.
    const worked = (reply.status >= 200 && reply.status < 300) || usage.completionTokens !== null;
    if (worked) billing.replied(usage);
    else billing.refused();
    return reply;
  } catch (error) {
    if (sent) billing.lost();
    else billing.refused();
    throw error;
  }
}
