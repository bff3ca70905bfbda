import { parseJson } from '../../core/json.js';
import type { Missing, TokenUsage } from '../model.js';
import { isThinkingPart, reasoningOf } from '../reasoning-fields.js';
import { asObject, inertWords, readServerWords, wellFormed } from './failures/error-body.js';
import type { Fault } from './failures/fault-counts.js';
import { blockReasonOf, FILTER_FINISHES } from './failures/moderation.js';
import { WireFault } from './failures/request-failure.js';
import { readUsage } from './token-usage.js';

/** One reply of a chat-completions server. */
export interface Completion {
  readonly kind: 'completion';
  /** Well-formed UTF-16; the model's refusal where the server gives that apart. */
  readonly text: string;
  /** The server says that the model declined (`message.refusal`). */
  readonly refused: boolean;
  readonly truncated: boolean;
  readonly responseId: string | null;
  readonly servedModel: string | null;
  readonly fingerprint: string | null;
  /** Whom a router (OpenRouter) handed the request to. */
  readonly provider: string | null;
  /** Thinking that the server gives apart from the answer. */
  readonly reasoning: string | null;
  readonly usage: TokenUsage;
}

const CUT: ReadonlySet<unknown> = new Set(['length', 'max_tokens', 'model_length']);

/** A body of a successful response, unread. */
export interface RawReply {
  readonly body: string;
  readonly contentType: string | null;
}

/**
 * Reads a chat completion. A blocked choice is `missing`.
 * @throws WireFault `no-choice`, `stream`, or `malformed` when the body is anything else than a chat completion; `refused`
 * where some servers send an error that is no fault of transport under the status of a success
 */
export function readCompletion({ body, contentType }: RawReply): Completion | Missing {
  const reply = asObject(parseJson(body));
  const reason = blockReasonOf(reply);
  if (reason !== null && !hasChoice(reply)) {
    return {
      kind: 'missing',
      reason: 'filtered-prompt',
      detail: `The server's content filter blocked the prompt: ${inertWords(reason)}.`,
    };
  }
  if (reply === undefined || !Array.isArray(reply.choices)) throw unreadable(body, contentType);
  const choice: unknown = reply.choices[0];
  if (choice === undefined || choice === null) throw unreadable(body, contentType, 'no-choice');
  const finish = lowerCase(asObject(choice)?.finish_reason);
  if (FILTER_FINISHES.has(finish)) {
    return { kind: 'missing', reason: 'filtered-output', detail: "The server's content filter blocked the answer." };
  }
  const message = asObject(asObject(choice)?.message);
  if (message === undefined) throw unreadable(body, contentType);
  const refusal = typeof message.refusal === 'string' && message.refusal !== '' ? message.refusal : null;
  const content = contentText(message.content);
  if (content === null) throw unreadable(body, contentType);
  return {
    kind: 'completion',
    text: wellFormed(content === '' && refusal !== null ? refusal : content),
    refused: refusal !== null,
    truncated: CUT.has(finish),
    responseId: textOrNull(reply.id),
    servedModel: textOrNull(reply.model),
    fingerprint: textOrNull(reply.system_fingerprint),
    provider: textOrNull(reply.provider),
    reasoning: textOrNull(reasoningOf(message)),
    usage: readUsage(reply.usage),
  };
}

function hasChoice(reply: Readonly<Record<string, unknown>> | undefined): boolean {
  return Array.isArray(reply?.choices) && reply.choices.length > 0;
}

/** Null when it is no content at all. Tool calls and reasoning come without content: an empty answer. */
function contentText(content: unknown): string | null {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return null;
  return content
    .filter((part: unknown) => !isThinkingPart(part))
    .map((part: unknown) => asObject(part)?.text)
    .filter((text): text is string => typeof text === 'string')
    .join('');
}

function lowerCase(value: unknown): string | null {
  return typeof value === 'string' ? value.toLowerCase() : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? wellFormed(value) : null;
}

/** A stream has lines that start with `data:`; nobody asked for one. */
function unreadable(body: string, contentType: string | null, fault?: Fault): WireFault {
  const words = readServerWords(body, contentType);
  // Only what says that it is an error: half a reply may quote anything.
  const isError = asObject(parseJson(body))?.error !== undefined;
  if (isError && (words.filtered || words.quotaUsedUp)) return new WireFault('refused', { status: 200, words });
  const streamed = contentType?.startsWith('text/event-stream') === true || /^(event:[^\n]*\n)?data:/.test(body);
  return new WireFault(fault ?? (streamed ? 'stream' : 'malformed'), { words });
}
