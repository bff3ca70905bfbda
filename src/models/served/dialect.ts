import type { Message } from '../../battery/battery.js';
import type { Refused } from '../model.js';
import type { ServerWords } from './failures/error-body.js';
import { WireFault } from './failures/request-failure.js';

/** One question as the gate means it, whatever the server calls the fields. */
export interface ChatRequest {
  readonly messages: readonly Message[];
  /** Tokens that the reply may have, thinking included. */
  readonly maxTokens: number;
  /** Sampling fields; one that the server refuses is left out, and the report says so. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** The JSON that the reply must be, where the server can hold a model to it. */
  readonly replySchema?: { readonly name: string; readonly schema: object };
}

/** What a server was found to understand. */
export interface Dialect extends Refused {
  readonly tokenLimit: 'max_tokens' | 'max_completion_tokens';
  readonly structured: 'json_schema' | 'json_object' | 'none';
}

export const FIRST_DIALECT: Dialect = {
  tokenLimit: 'max_tokens',
  structured: 'json_schema',
  system: 'message',
  leftOut: [],
};

/** What two servers, or two refusals of one, leave between them. */
export function joined(a: Dialect, b: Dialect): Dialect {
  return {
    tokenLimit: a.tokenLimit === 'max_tokens' ? b.tokenLimit : a.tokenLimit,
    structured: STRUCTURED[Math.max(STRUCTURED.indexOf(a.structured), STRUCTURED.indexOf(b.structured))] ?? 'none',
    system: a.system === 'message' ? b.system : a.system,
    leftOut: [...new Set([...a.leftOut, ...b.leftOut])],
  };
}

/** From the most that is asked of a server to the least. */
const STRUCTURED: readonly Dialect['structured'][] = ['json_schema', 'json_object', 'none'];

/** Known to open servers only: the first to go where a server complains of unknown fields without naming them. */
export const OPEN_SERVERS_ONLY = ['top_k', 'min_p', 'repetition_penalty'];

/** The request body but for the model and what the user adds. */
export function dialectFields(request: ChatRequest, dialect: Dialect): Readonly<Record<string, unknown>> {
  const accepted = Object.entries(request.fields).filter(([name]) => !dialect.leftOut.includes(name));
  return {
    messages: dialect.system === 'message' ? request.messages : foldedSystem(request.messages),
    ...Object.fromEntries(accepted),
    [dialect.tokenLimit]: request.maxTokens,
    ...responseFormat(request, dialect),
  };
}

function responseFormat({ replySchema }: ChatRequest, { structured }: Dialect): object {
  if (replySchema === undefined || structured === 'none') return {};
  if (structured === 'json_object') return { response_format: { type: 'json_object' } };
  return { response_format: { type: 'json_schema', json_schema: { ...replySchema, strict: true } } };
}

/** The system prompt as the beginning of the first question. */
function foldedSystem(messages: readonly Message[]): readonly Message[] {
  const [first, second, ...rest] = messages;
  if (first?.role !== 'system' || second === undefined) return messages;
  return [{ ...second, content: `${first.content}\n\n${second.content}` }, ...rest];
}

/**
 * The dialect to try after the server refused a request in this one, or null when it refused it for another reason.
 * @param settled whether it took this dialect before: then one strange refusal must not change how both arms are sampled
 */
export function nextDialect(dialect: Dialect, request: ChatRequest, error: unknown, settled = false): Dialect | null {
  if (!(error instanceof WireFault) || error.words === null || error.words.filtered) return null;
  const { words, status } = error;
  if (settled && !saysWhatIsRefused(words, [...Object.keys(request.fields), ...OF_THE_FORM])) return null;
  const hasSystem = request.messages[0]?.role === 'system';
  // A chat template that raises comes as a 500 from some servers.
  if (dialect.system === 'message' && hasSystem && refusesSystem(words)) return { ...dialect, system: 'question' };
  if (status !== 400 && status !== 422) return null;
  if (dialect.tokenLimit === 'max_tokens' && refusesTokenLimit(words)) {
    return { ...dialect, tokenLimit: 'max_completion_tokens' };
  }
  if (request.replySchema !== undefined && dialect.structured !== 'none' && refusesStructure(words)) {
    return { ...dialect, structured: dialect.structured === 'json_schema' ? 'json_object' : 'none' };
  }
  const refused = refusedFields(dialect, request, words, status);
  return refused.length === 0 ? null : { ...dialect, leftOut: [...dialect.leftOut, ...refused] };
}

/** What the gate sends beside the sampling fields, by the words that servers have for it. */
const OF_THE_FORM = [
  ...['max_tokens', 'max_completion_tokens', 'response_format', 'json_schema', 'json_object'],
  ...['messages\\[0\\].role', '[Ss]ystem', 'roles?', '[Dd]eveloper instruction'],
];

const REFUSES =
  /\b(un(supported|known|recogni[sz]ed|expected)|extra|forbidden|invalid|only|cannot both|must be|must alternate|not (supported|permitted|allowed|accepted|enabled|recogni[sz]ed)|does ?n[o']t (support|accept)|do not support)\b/i;

/** A refusal that names what it refuses, and does not only repeat the request. */
function saysWhatIsRefused({ param, message }: ServerWords, sent: readonly string[]): boolean {
  if (param !== null && sent.includes(param)) return true;
  const echoes = sent.filter((name) => new RegExp(`["']${name}["']\\s*:`).test(message)).length > 1;
  const named = sent.some((name) => new RegExp(`(^|\\W)${name}(\\W|$)`).test(message));
  return !echoes && named && (REFUSES.test(message) || param === 'messages[0].role');
}

function refusedFields(
  { leftOut }: Dialect,
  { fields }: ChatRequest,
  { param, message }: ServerWords,
  status: number,
): readonly string[] {
  const sent = Object.keys(fields).filter((name) => !leftOut.includes(name));
  if (param !== null && sent.includes(param)) return [param];
  const named = sent
    .map((name) => ({ name, at: message.search(new RegExp(`\\b${name}\\b`)) }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.at - b.at)
    .map(({ name }) => name);
  // Temperature is a setting, the others are there to do nothing.
  if (/\bboth\b/i.test(message) && named.length > 1) return named.filter((name) => name !== 'temperature');
  const [first] = named;
  if (first !== undefined) {
    // The others may stand there as a condition ("unless reasoning_effort …"); where they don't, they are next.
    return OPEN_SERVERS_ONLY.includes(first) ? named.filter((name) => OPEN_SERVERS_ONLY.includes(name)) : [first];
  }
  // Ollama has its own word for it.
  if (/does not support thinking/i.test(message)) return sent.filter((name) => name === 'reasoning_effort');
  const ofUnknown = /\b(extra|unknown|unrecogni[sz]ed|unexpected|unsupported|not (permitted|allowed|supported))\b/i;
  return status === 422 || ofUnknown.test(message) ? sent.filter((name) => OPEN_SERVERS_ONLY.includes(name)) : [];
}

function refusesSystem({ param, message }: ServerWords): boolean {
  if (param === 'messages[0].role') return true;
  return /system (role|message|prompt)s? (is |are )?(not|un)\s?(supported|allowed)|not support '?system|roles must alternate|only user (and assistant )?roles? (is|are) supported|developer instruction is not enabled/i.test(
    message,
  );
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
