import { ConfigError } from '../../core/errors.js';
import { baseUrl, span } from '../parse-values.js';
import type { Leaves, Sourced } from '../precedence.js';
import { DEFAULT_REPLY_TIMEOUT, type EndpointSettings, type ReplyTimeout } from '../settings.js';

export const OPENAI_URL = 'https://api.openai.com/v1';

export type Role = 'candidate' | 'baseline' | 'judge' | 'confirm';

const ROLES: readonly Role[] = ['candidate', 'baseline', 'judge', 'confirm'];

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a reference names a model behind an HTTP endpoint. */
export function isServed(reference: string): boolean {
  return !/^(gguf|demo|replay|report|file):/.test(reference) && reference !== 'embedded' && reference !== 'recorded';
}

/** What a served model is called at its server: `openai:NAME` and `NAME` are one model. */
export function servedName(reference: string): string {
  return reference.replace(/^openai:/, '');
}

/** Where a role is served, and the setting that says so. */
interface Place {
  readonly role: Role;
  /** Null where nothing was given. */
  readonly url: string | null;
  readonly urlName: string;
  readonly source: Sourced['source'];
}

/**
 * Base URL and key of every role; both null for one that is not served, nor recorded of one that may be. The specific URL wins over the general one; a key
 * goes to no other origin than that of the URL it was given with.
 * @throws ConfigError when one served model has a URL and another would silently fall back to OpenAI's.
 */
export function resolveEndpoints(
  references: Readonly<Record<Exclude<Role, 'confirm'>, string> & { confirm?: string }>,
  leaves: Leaves,
  environment: Environment,
): Readonly<Record<Exclude<Role, 'confirm'>, EndpointSettings> & { confirm?: EndpointSettings }> {
  const general = placeOf(leaves, 'base-url');
  const named = ROLES.filter((role) => references[role] !== undefined);
  const specific = new Map(named.map((role) => [role, specificPlace(leaves, role)]));
  // Who confirms is served where the judge is, unless the file says otherwise.
  if (isServed(references.judge)) specific.set('confirm', specific.get('confirm') ?? specific.get('judge') ?? null);
  const places = named.map((role) => ({ ...(specific.get(role) ?? general), role }));
  leaves.refuseProblems();
  const served = places.filter(({ role }) => isServed(references[role] ?? ''));
  // What a report recorded may be asked for more, where somebody says at which server.
  const asked = places.filter((place) => served.includes(place) || isTold(place, references[place.role]));
  refuseSilentFallback(served);
  const homes = {
    ...homesOfSharedKeys(general.url, served),
    judge: originOf(served.find(({ role }) => role === 'judge')),
  };
  const shared = leaves.read('reply-timeout', span, DEFAULT_REPLY_TIMEOUT.seconds);
  const entries = places.map((place) => {
    const { role, urlName } = place;
    const unkeyed = { apiKey: null, apiKeyName: role === 'confirm' ? 'api-key' : `${role}-api-key` };
    if (!asked.includes(place)) return [role, { baseUrl: null, baseUrlName: urlName, ...unkeyed }];
    const url = place.url ?? OPENAI_URL;
    leaves.list(urlSetting(role), url, place.source);
    const apiVersion = leaves.fileValue(['models', role, 'api-version']) as string | undefined;
    const keyed = keyFor(role, url, homes, leaves, environment) ?? unkeyed;
    const replyTimeout = replyTimeoutOf(role, shared, leaves);
    return [
      role,
      { baseUrl: url, baseUrlName: urlName, ...keyed, replyTimeout, ...(apiVersion ? { apiVersion } : {}) },
    ];
  });
  return Object.fromEntries(entries) as Record<Role, EndpointSettings>;
}

function replyTimeoutOf(role: Role, shared: number, leaves: Leaves): ReplyTimeout {
  const path = ['models', role, 'reply-timeout'];
  if (leaves.fileValue(path) === undefined) return { seconds: shared, name: DEFAULT_REPLY_TIMEOUT.name };
  const name = path.join('.');
  const given = leaves.readFile<unknown>(path, shared);
  return { seconds: leaves.attempt(() => span(name, given), shared), name };
}

function isTold({ url }: Place, reference = ''): boolean {
  return url !== null && reference.startsWith('report:');
}

function urlSetting(role: Role): string {
  return role === 'confirm' ? 'models.confirm.base-url' : `${role}-base-url`;
}

function originOf(place: Place | undefined): string | null {
  return place === undefined ? null : new URL(place.url ?? OPENAI_URL).origin;
}

function placeOf(leaves: Leaves, name: string, path: readonly string[] = [name]): Omit<Place, 'role'> {
  const found = leaves.find(name, path);
  if (found === null) return { url: null, urlName: name, source: 'default' };
  const urlName = found.source === 'file' ? path.join('.') : name;
  return { url: leaves.attempt(() => baseUrl(urlName, found.value), null), urlName, source: found.source };
}

/** The role's own URL; null where the general one holds. */
function specificPlace(leaves: Leaves, role: Role): Omit<Place, 'role'> | null {
  const name = `${role}-base-url`;
  const inModels = ['models', role, 'base-url'];
  const nested = leaves.fileValue(inModels) !== undefined;
  if (nested && leaves.fileValue([name]) !== undefined) {
    const problem = `${name}: stands in the settings file twice, also as ${inModels.join('.')}; keep one`;
    leaves.attempt(() => refuse(problem), undefined);
  }
  const place = placeOf(leaves, name, nested ? inModels : [name]);
  // A general URL that the file locks must not be sidestepped by a specific one from the pull request.
  const sidesteps = leaves.isLocked(['base-url']) && place.source !== 'file' && place.source !== 'default';
  if (sidesteps) leaves.overrule(name);
  return place.url === null || sidesteps ? null : place;
}

function refuse(problem: string): never {
  throw new ConfigError('config.base-url', problem);
}

function refuseSilentFallback(served: readonly Place[]): void {
  const without = served.find(({ url }) => url === null);
  const other = served.find(({ url }) => url !== null);
  if (!without || !other) return;
  refuse(
    `${urlSetting(without.role)}: not given, while ${other.role} is served at ${other.url}. The ${without.role} would go to ` +
      `OpenAI's servers without anybody having said so. Give ${urlSetting(without.role)} (${OPENAI_URL} if that is meant), or base-url for all`,
  );
}

/** The origins that `api-key` and the environment's key were given for. */
interface Homes {
  readonly shared: string;
  readonly environment: string;
  /** Where the judge is served, and so whoever confirms with the judge's key; null where it is not served. */
  readonly judge: string | null;
}

function homesOfSharedKeys(general: string | null, served: readonly Place[]): Omit<Homes, 'judge'> {
  const environment = new URL(general ?? OPENAI_URL).origin;
  if (general !== null) return { shared: environment, environment };
  // `api-key` without `base-url`, everything served by one host: that host is the one it was given for.
  const [only, ...others] = new Set(served.map(({ url }) => new URL(url ?? OPENAI_URL).origin));
  return { shared: others.length === 0 && only ? only : environment, environment };
}

function keyFor(
  role: Role,
  url: string,
  homes: Homes,
  leaves: Leaves,
  environment: Environment,
): Pick<EndpointSettings, 'apiKey' | 'apiKeyName'> | null {
  const { origin } = new URL(url);
  const name = role === 'confirm' ? 'judge-api-key' : `${role}-api-key`;
  const own = role === 'confirm' && origin !== homes.judge ? null : leaves.inputValue(name);
  if (own !== null) return { apiKey: own, apiKeyName: name };
  const shared = leaves.inputValue('api-key');
  if (shared !== null) return origin === homes.shared ? { apiKey: shared, apiKeyName: 'api-key' } : null;
  const ambient = environment.OPENAI_API_KEY?.trim() || null;
  return ambient !== null && origin === homes.environment ? { apiKey: ambient, apiKeyName: 'OPENAI_API_KEY' } : null;
}

/** Served models at OpenAI's own servers that have no key: what `on-missing-secrets` is about. */
export function keylessAtOpenAi(endpoints: readonly EndpointSettings[]): readonly string[] {
  const { host } = new URL(OPENAI_URL);
  return endpoints
    .filter(({ baseUrl: url, apiKey }) => url !== null && apiKey === null && new URL(url).host === host)
    .map(({ apiKeyName }) => apiKeyName);
}
