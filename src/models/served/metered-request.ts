import type { Role, TokenUsage } from '../model.js';
import type { Billing, RequestCounter } from '../request-budget.js';
import type { HttpReply } from './http/http-client.js';
import { billedUsage } from './token-usage.js';

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
    settle(billing, reply.status, billedUsage(reply.body));
    return reply;
  } catch (error) {
    if (sent) billing.lost();
    else billing.refused();
    throw error;
  }
}

function settle(billing: Billing, status: number, usage: TokenUsage): void {
  // A generation that broke off has its tokens counted, too.
  if ((status >= 200 && status < 300) || usage.completionTokens !== null) billing.replied(usage);
  else if (saysNothingOfTheModel(status)) billing.lost();
  else billing.refused();
}

/** What stands between gave up waiting (408, 504, Cloudflare's 520 to 529), or lost the connection (502): who works may go on. */
function saysNothingOfTheModel(status: number): boolean {
  return status === 408 || status === 502 || status === 504 || (status >= 520 && status < 530);
}
