import type { Message } from '../battery/battery.js';
import type { ServerWords } from './server-words.js';
import { WireFault } from './wire-fault.js';

/** One question as the gate means it, whatever the server calls the fields. */
export interface ChatRequest {
  readonly messages: readonly Message[];
  readonly temperature: number;
  readonly maxTokens: number;
  /** The JSON that the reply must be, where the server can hold a model to it. */
  readonly replySchema?: { readonly name: string; readonly schema: object };
}

/** What a server was found to understand: servers differ in the name of the token limit and in structured output. */
export interface Dialect {
  readonly tokenLimit: 'max_tokens' | 'max_completion_tokens';
  readonly structured: 'json_schema' | 'json_object' | 'none';
}

export const FIRST_DIALECT: Dialect = { tokenLimit: 'max_tokens', structured: 'json_schema' };

/** The part of the request body that depends on the dialect. */
export function dialectFields(request: ChatRequest, dialect: Dialect): Readonly<Record<string, unknown>> {
  const limit = { [dialect.tokenLimit]: request.maxTokens };
  if (request.replySchema === undefined || dialect.structured === 'none') return limit;
  if (dialect.structured === 'json_object') return { ...limit, response_format: { type: 'json_object' } };
  return { ...limit, response_format: { type: 'json_schema', json_schema: { ...request.replySchema, strict: true } } };
}

/** The dialect to try after the server refused a request in this one, or null when it refused it for another reason. */
export function nextDialect(dialect: Dialect, request: ChatRequest, error: unknown): Dialect | null {
  const words = refusal(error);
  if (words === null) return null;
  if (dialect.tokenLimit === 'max_tokens' && refusesTokenLimit(words)) {
    return { ...dialect, tokenLimit: 'max_completion_tokens' };
  }
  if (request.replySchema !== undefined && dialect.structured !== 'none' && refusesStructure(words)) {
    return { ...dialect, structured: dialect.structured === 'json_schema' ? 'json_object' : 'none' };
  }
  return null;
}

function refusal(error: unknown): ServerWords | null {
  return error instanceof WireFault && (error.status === 400 || error.status === 422) ? error.words : null;
}

/** "max_tokens is too large" is another complaint: it must reach the user. */
function refusesTokenLimit({ message, code, param }: ServerWords): boolean {
  if (/max_completion_tokens/.test(message)) return true;
  const unsupported =
    code === 'unsupported_parameter' || /(not |un)(supported|recogni[sz]ed|permitted)|unknown/i.test(message);
  return unsupported && (param === 'max_tokens' || /\bmax_tokens\b/.test(message));
}

function refusesStructure({ message, param }: ServerWords): boolean {
  return (
    param?.startsWith('response_format') === true ||
    /response_format|json_schema|json_object|structured output/i.test(message)
  );
}
