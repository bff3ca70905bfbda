import type { ReplyTimeout } from '../../config/settings.js';
import { ConfigError } from '../../core/errors.js';
import type { Role } from '../request-budget.js';

/** One served model and the settings that name it, for requests and for messages. */
export interface Endpoint {
  readonly role: Role;
  readonly model: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly baseUrlName: string;
  readonly apiKey: string | null;
  readonly apiKeyName: string;
  readonly extraBody: Readonly<Record<string, unknown>>;
  /** Put behind every address: Azure's `?api-version=…`, or nothing. */
  readonly query: string;
  /** Seconds that one reply is waited for, and the setting that says so. */
  readonly replyTimeout: ReplyTimeout;
  /** How the key travels; null without one. */
  readonly keyHeader: readonly [name: string, value: string] | null;
}

const DEFAULT_REPLY_TIMEOUT: ReplyTimeout = { seconds: 120, name: 'reply-timeout' };
const OPENAI_BASE_URL = 'https://api.openai.com/v1';

interface ServedSettings extends Pick<Endpoint, 'baseUrlName' | 'apiKey' | 'apiKeyName'> {
  readonly baseUrl: string | null;
  readonly apiVersion?: string | null;
  readonly replyTimeout?: ReplyTimeout;
  readonly sampling: { readonly extraBody: Readonly<Record<string, unknown>> };
}

/** @throws ConfigError for a URL or key that could not be sent; never repeats a key */
export function endpointOf(role: Role, model: string, settings: ServedSettings): Endpoint {
  const { baseUrlName, apiKeyName } = settings;
  const baseUrl = (settings.baseUrl ?? OPENAI_BASE_URL).replace(/\/+$/, '');
  const apiKey = settings.apiKey?.trim() || null;
  if (/\/(chat\/)?completions$/.test(baseUrl)) {
    const mended = baseUrl.replace(/\/(chat\/)?completions$/, '');
    throw new ConfigError(
      'config.base-url',
      `${baseUrlName}: ${baseUrl} is one call; give what stands before it, ${mended}`,
    );
  }
  if (apiKey !== null && !/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new ConfigError(
      'config.api-key',
      `${apiKeyName}: the key holds a space, a line break or a character outside ASCII, which no HTTP header can carry. Was more than the key copied into the secret?`,
    );
  }
  const { extraBody } = settings.sampling;
  const version = settings.apiVersion ?? null;
  return {
    ...{ role, model, baseUrl, baseUrlName, apiKey, apiKeyName, extraBody },
    replyTimeout: settings.replyTimeout ?? DEFAULT_REPLY_TIMEOUT,
    query: version === null ? '' : `?api-version=${encodeURIComponent(version)}`,
    keyHeader: apiKey === null ? null : keyHeader(apiKey, version !== null),
  };
}

/** Azure's versioned API takes a bearer token for a login, and keys in a header of their own. */
function keyHeader(apiKey: string, isAzure: boolean): readonly [string, string] {
  return isAzure ? ['api-key', apiKey] : ['authorization', `Bearer ${apiKey}`];
}
