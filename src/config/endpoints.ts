import { ConfigError } from '../errors.js';
import type { Leaves, Sourced } from './leaves.js';
import type { EndpointSettings } from './settings.js';
import { baseUrl } from './values.js';

export const OPENAI_URL = 'https://api.openai.com/v1';

export type Role = 'candidate' | 'baseline' | 'judge';

/** Whether a reference names a model behind an HTTP endpoint. */
export function isServed(reference: string): boolean {
  return !/^(gguf|demo|replay|report|file):/.test(reference) && reference !== 'embedded' && reference !== 'recorded';
}

interface Located {
  readonly role: Role;
  readonly url: string | null;
}

/**
 * Base URL and key of every role. The specific URL wins over the general one; a key goes to no other host than the URL it
 * was given with.
 * @throws ConfigError when one served model has a URL and another would silently fall back to OpenAI's.
 */
export function resolveEndpoints(
  references: Readonly<Record<Role, string>>,
  leaves: Leaves,
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<Role, EndpointSettings>> {
  const general = findUrl(leaves, 'base-url', null);
  const roles: readonly Role[] = ['candidate', 'baseline', 'judge'];
  const located = roles.map((role) => ({ role, url: locate(leaves, role, general) }));
  refuseSilentFallback(located.filter(({ role }) => isServed(references[role])));
  const entries = located.map(({ role, url }) => {
    const effective = url ?? OPENAI_URL;
    const served = isServed(references[role]);
    if (served) leaves.list(`${role}-base-url`, effective, url === null ? 'default' : sourceOf(leaves, role));
    const apiKey = served ? findKey(leaves, role, effective, general, located, environment) : null;
    return [role, { baseUrl: effective, apiKey, apiKeyName: `${role}-api-key`, baseUrlName: `${role}-base-url` }];
  });
  return Object.fromEntries(entries) as Record<Role, EndpointSettings>;
}

function findUrl(leaves: Leaves, name: string, modelPath: readonly string[] | null): string | null {
  const found = urlLeaf(leaves, name, modelPath);
  return found === null ? null : baseUrl(name, found.value);
}

function urlLeaf(leaves: Leaves, name: string, modelPath: readonly string[] | null): Sourced | null {
  const top = leaves.find(name);
  const inModels = modelPath && leaves.fileValue(modelPath);
  if (inModels && (top === null || (top.source !== 'file' && leaves.isLocked(modelPath)))) {
    return { value: inModels, source: 'file' };
  }
  return top;
}

function locate(leaves: Leaves, role: Role, general: string | null): string | null {
  const name = `${role}-base-url`;
  const specific = urlLeaf(leaves, name, ['models', role, 'base-url']);
  // A general URL that the file locks must not be sidestepped by a specific one from the pull request.
  const generalLocked = leaves.fileValue(['base-url']) !== undefined && leaves.isLocked(['base-url']);
  if (specific && !(generalLocked && specific.source !== 'file')) return baseUrl(name, specific.value);
  return general;
}

function sourceOf(leaves: Leaves, role: Role): Sourced['source'] {
  return (
    (urlLeaf(leaves, `${role}-base-url`, ['models', role, 'base-url']) ?? leaves.find('base-url'))?.source ?? 'default'
  );
}

function refuseSilentFallback(served: readonly Located[]): void {
  const without = served.filter(({ url }) => url === null);
  if (without.length === 0 || without.length === served.length) return;
  const [first] = without;
  const other = served.find(({ url }) => url !== null);
  throw new ConfigError(
    'config.base-url',
    `${first?.role}-base-url: not given, while ${other?.role} is served at ${other?.url}. The ${first?.role} would go to ` +
      `OpenAI's servers without anybody having said so. Give ${first?.role}-base-url (${OPENAI_URL} if that is meant), or base-url for all`,
  );
}

function findKey(
  leaves: Leaves,
  role: Role,
  url: string,
  general: string | null,
  located: readonly Located[],
  environment: Readonly<Record<string, string | undefined>>,
): string | null {
  const own = leaves.inputValue(`${role}-api-key`);
  if (own !== null) return own;
  const explicit = leaves.inputValue('api-key');
  const shared = explicit ?? (environment.OPENAI_API_KEY?.trim() || null);
  const origin = new URL(url).origin;
  if (origin === new URL(general ?? OPENAI_URL).origin) return shared;
  // `api-key` without `base-url`, everything served by one host: that host is the one it was given for.
  const origins = new Set(located.map((entry) => new URL(entry.url ?? OPENAI_URL).origin));
  return general === null && origins.size === 1 ? explicit : null;
}
