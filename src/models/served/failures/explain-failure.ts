import { ConfigError, type KnownError, ProviderError } from '../../../core/errors.js';
import type { Missing } from '../../model.js';
import type { Endpoint } from '../endpoint.js';
import { whyUnreachable } from '../http/connection-errors.js';
import { ProxyTrouble } from '../http/proxy.js';
import { nearestFirst } from '../model-list.js';
import { contextAdvice, isAboutContext } from './context-size.js';
import { inertWords, type ServerWords } from './error-body.js';
import type { WireFault } from './request-failure.js';

/** The model names under a path of the server, `/models` or `/v1/models`; null when there is no such list. */
export type ListModels = (path: string) => Promise<readonly string[] | null>;

/** What came to nothing: where it was sent, and how long an answer it asked for. */
export interface Asked {
  readonly endpoint: Endpoint;
  readonly maxTokens: number;
  /** How long a reply was waited for, in words that name the setting. */
  readonly waited?: string;
}

/**
 * What a request that stays failed means. Resolves with `missing` for a policy outcome (a filter blocked the prompt).
 * @throws ConfigError when the user must act, ProviderError for an endpoint's trouble that outlasted the retries
 */
export async function explain(fault: WireFault, asked: Asked, list: ListModels): Promise<Missing> {
  const { endpoint } = asked;
  const words = wordsOf(fault, endpoint);
  switch (fault.fault) {
    case 'connection':
    case 'half-body':
      throw unreachable(fault, endpoint);
    case 'timeout':
      throw new ProviderError(
        'endpoint.timeout',
        `${about(endpoint)}: no answer in time, also after retries (${asked.waited}). Is the server up, and not overloaded? Raise ${endpoint.replyTimeout.name} where it is only slow`,
        { cause: fault },
      );
    case 'malformed':
      throw (await withoutV1(endpoint, list)) ?? malformed(words, endpoint);
    case 'stream':
      throw malformed(words, endpoint);
    case 'no-choice':
      throw new ProviderError(
        'endpoint.no-choice',
        `${about(endpoint)}: replies without a choice, also after retries ("${words.message}"). Look at the server's log, then run again`,
      );
    default:
      return policyOutcome(fault) ?? (await refuse(fault.status ?? 0, words, asked, list));
  }
}

/** What a filter blocked, or thinking used up, under whatever status: missing, and no fault of the endpoint. Null for all else. */
export function policyOutcome({ words }: WireFault): Missing | null {
  if (words?.filtered) {
    return {
      kind: 'missing',
      reason: 'filtered-prompt',
      detail: `The server's content filter blocked the prompt: ${words.message}`,
    };
  }
  // Some servers make an error of a reasoning model that came to no answer within its tokens.
  return words !== null && /output limit was reached/i.test(words.message)
    ? { kind: 'missing', reason: 'no-answer', detail: `No answer within max-tokens: ${words.message}` }
    : null;
}

async function refuse(status: number, words: ServerWords, asked: Asked, list: ListModels): Promise<never> {
  throw await refusal(status, words, asked, list);
}

const WORDLESS: ServerWords = {
  message: '',
  code: null,
  param: null,
  contentType: null,
  filtered: false,
  quotaUsedUp: false,
  keyUnknown: false,
};

/** A server may repeat the key in its complaint: it must not travel on into a log or a comment. */
export function wordsOf({ words }: WireFault, { apiKey }: Endpoint): ServerWords {
  if (words === null || apiKey === null) return words ?? WORDLESS;
  return { ...words, message: words.message.replaceAll(apiKey, '***') };
}

function malformed({ message, contentType }: ServerWords, endpoint: Endpoint): ProviderError {
  return new ProviderError(
    'endpoint.malformed',
    `${about(endpoint)}: the reply is no chat completion (content-type ${inertWords(contentType ?? 'none')}): "${message}". Is this the URL of an OpenAI-compatible server?`,
  );
}

async function refusal(status: number, words: ServerWords, asked: Asked, list: ListModels): Promise<KnownError> {
  const { endpoint } = asked;
  const said = saying(status, words);
  if (words.quotaUsedUp || status === 402) {
    return new ProviderError(
      'endpoint.quota',
      `${at(endpoint)}: the account has no credit left (${said}). Top it up, or give another ${endpoint.apiKeyName}`,
    );
  }
  if (isAboutContext(words) && OF_THE_REQUEST.has(status)) return tooLong(status, said, asked);
  if (status === 401 || status === 403 || words.keyUnknown) return keyRefused(said, endpoint);
  if (status === 404 || status === 405 || namesUnknownModel(words)) return notFound(said, words, endpoint, list);
  if (status === 429) {
    return new ProviderError(
      'endpoint.rate-limited',
      `${at(endpoint)}: still limits the rate after all retries (${said}). Lower max-concurrency, or run again later`,
    );
  }
  if (status >= 300 && status < 400) {
    return new ConfigError(
      'endpoint.redirect',
      `${at(endpoint)}: answers with a redirect (${said}), which is not followed to another address. Give the final address as ${endpoint.baseUrlName}`,
    );
  }
  if (status >= 500 || status === 408 || status === 409) {
    return new ProviderError(
      'endpoint.server-error',
      `${about(endpoint)}: still failing after all retries (${said}). Look at the server's log, then run again`,
    );
  }
  return requestRefused(said, words, endpoint);
}

function requestRefused(said: string, words: ServerWords, endpoint: Endpoint): ConfigError {
  const hint =
    words.param === 'temperature' || /temperature/i.test(words.message)
      ? `. Set models.${endpoint.role}.temperature to what it accepts`
      : '';
  return new ConfigError(
    'endpoint.request-refused',
    `${at(endpoint)}: refuses the request for ${endpoint.role} ${quoted(endpoint.model)} (${said})${hint}`,
  );
}

function tooLong(status: number, said: string, { endpoint, maxTokens }: Asked): KnownError {
  const message = `${about(endpoint)}: refuses the request (${said}). ${contextAdvice(endpoint, maxTokens)}`;
  return status >= 500 ? new ProviderError('endpoint.context', message) : new ConfigError('endpoint.context', message);
}

/** With these a server speaks of what it was asked; a 500, too, where it took no care. */
const OF_THE_REQUEST: ReadonlySet<number> = new Set([200, 400, 413, 422, 500]);

function keyRefused(said: string, { apiKey, apiKeyName, ...endpoint }: Endpoint): ConfigError {
  return apiKey === null
    ? new ConfigError(
        'endpoint.key-missing',
        `${at(endpoint)}: wants a key and none is given (${said}). Give ${apiKeyName}, or api-key with base-url`,
      )
    : new ConfigError(
        'endpoint.key-refused',
        `${apiKeyName}: refused by ${endpoint.baseUrl} (${said}). Check that the key belongs to this server and may use ${quoted(endpoint.model)}`,
      );
}

/** llama.cpp, vLLM, Ollama, OpenAI and Azure each say it in their own way, some with a 400. */
function namesUnknownModel({ code, message }: ServerWords): boolean {
  return (
    code === 'model_not_found' ||
    code === 'DeploymentNotFound' ||
    /\bmodel\b.{0,120}(not found|does not exist|not exist|unknown|not a valid model|invalid)|(unknown|invalid|no such|not a valid) model/i.test(
      message,
    )
  );
}

async function notFound(said: string, words: ServerWords, endpoint: Endpoint, list: ListModels): Promise<KnownError> {
  const names = await list('/models');
  if (names?.includes(endpoint.model)) {
    return new ConfigError(
      'endpoint.model-unusable',
      `${endpoint.role}: ${endpoint.baseUrl} lists ${quoted(endpoint.model)} but does not chat with it (${said}). Is it a chat model?`,
    );
  }
  const hint = names === null && !namesUnknownModel(words) ? await withoutV1(endpoint, list) : null;
  if (hint !== null) return hint;
  if (names === null && !namesUnknownModel(words)) {
    return new ConfigError(
      'endpoint.base-url',
      `${at(endpoint)}: there is no OpenAI-compatible API (${said}). Give the address up to and including /v1`,
    );
  }
  const known = names === null || names.length === 0 ? '' : ` It serves ${nearestFirst(endpoint.model, names)}`;
  return new ConfigError(
    'endpoint.model-unknown',
    `${endpoint.role}: ${endpoint.baseUrl} knows no model ${quoted(endpoint.model)} (${said}).${known}`,
  );
}

/** The commonest mistake: a base URL that lacks its last part. */
async function withoutV1(endpoint: Endpoint, list: ListModels): Promise<ConfigError | null> {
  if (endpoint.baseUrl.endsWith('/v1') || (await list('/v1/models')) === null) return null;
  return new ConfigError(
    'endpoint.base-url',
    `${at(endpoint)}: the API is one level deeper. Give ${endpoint.baseUrl}/v1`,
  );
}

function unreachable(fault: WireFault, endpoint: Endpoint): ProviderError {
  const { cause } = fault;
  const [code, why] =
    cause instanceof ProxyTrouble
      ? [cause.mayPass ? 'endpoint.unreachable' : 'endpoint.proxy', cause.message]
      : ['endpoint.unreachable', `can't be reached: ${whyUnreachable(cause)}`];
  return new ProviderError(code, `${at(endpoint)}: ${why}`, { cause: fault });
}

/** What the server said, without the key; empty where it said nothing. */
export function saidBy(fault: WireFault, endpoint: Endpoint): string {
  return fault.words === null ? '' : saying(fault.status, wordsOf(fault, endpoint));
}

export function saying(status: number | null, { message }: ServerWords): string {
  const parts = [status === null ? '' : `status ${status}`, message === '' ? '' : `"${message}"`];
  return parts.filter((part) => part !== '').join(': ');
}

/** Where several models share an address, which of them. */
export function about(endpoint: Endpoint): string {
  return `${at(endpoint)}, ${endpoint.role} ${quoted(endpoint.model)}`;
}

function at({ baseUrlName, baseUrl }: Pick<Endpoint, 'baseUrlName' | 'baseUrl'>): string {
  return `${baseUrlName} ${baseUrl}`;
}

function quoted(name: string): string {
  return `"${inertWords(name)}"`;
}
