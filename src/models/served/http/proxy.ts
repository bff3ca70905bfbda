import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { ConfigError } from '../../../core/errors.js';
import { causes, whyUnreachable } from './connection-errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** A proxy, and the variable that names it. */
interface NamedProxy {
  readonly variable: string;
  readonly url: URL;
}

/** The connection failed at the proxy, on the way to the server. */
export class ProxyTrouble extends Error {
  constructor(
    message: string,
    /** Whether it may be better later: a proxy or a server behind it that is still starting. */
    readonly mayPass: boolean,
  ) {
    super(message);
    this.name = 'ProxyTrouble';
  }
}

const SCHEMES = ['http', 'https'] as const;

/** The exchange as a whole has a time limit; the library's own would cut a slow model off before it. */
const PATIENT = { headersTimeout: 0, bodyTimeout: 0 } as const;

/**
 * A router may stick to one replica as long as a connection lasts, and a run of few connections would see few replicas. After so
 * many requests all connections are made anew: one serves a handful of answers, which take longer by far than it takes to make.
 */
export const REQUESTS_A_ROUND = 128;

let opened = 0;

/** How many connections this process has made so far. */
export function connectionsOpened(): number {
  return opened;
}

/** Connections that are made anew in every round; those of the round before end with what is in flight on them. */
export class FreshConnections {
  #round: Dispatcher | null = null;
  #requests = 0;

  constructor(private readonly make: () => Dispatcher) {}

  /** For one request, which must leave before this turn of the event loop ends. */
  next(): Dispatcher {
    if (this.#round === null || this.#requests % REQUESTS_A_ROUND === 0) this.#round = this.#renewed(this.#round);
    this.#requests += 1;
    return this.#round;
  }

  #renewed(before: Dispatcher | null): Dispatcher {
    before?.close().catch(() => {});
    return this.make().on('connect', () => {
      opened += 1;
    });
  }
}

let direct: FreshConnections | null = null;

/**
 * How servers are reached: directly, or by the proxies of the environment, which the library chooses by address and NO_PROXY.
 * All that need no proxy share one pool of connections.
 * @throws ConfigError for a variable that holds no proxy's address
 */
export function connectionsOf(environment: Environment): FreshConnections {
  const [http, https] = SCHEMES.map((scheme) => namedProxy(`${scheme}_proxy`, environment));
  if (!http && !https) {
    direct ??= new FreshConnections(() => new Agent(PATIENT));
    return direct;
  }
  const noProxy = given('no_proxy', environment)?.value;
  const options = {
    ...PATIENT,
    ...(http ? { httpProxy: http.url.href } : {}),
    ...(https ? { httpsProxy: https.url.href } : {}),
    ...(noProxy ? { noProxy } : {}),
  };
  return new FreshConnections(() => new EnvHttpProxyAgent(options));
}

/**
 * Whether it was the proxy that could not be reached, or would not let the request through.
 * @param server the address that was asked for
 */
export function proxyTrouble(error: unknown, server: URL, environment: Environment): ProxyTrouble | null {
  const proxy = proxyFor(server, environment);
  if (proxy === null) return null;
  const { variable, url } = proxy;
  const named = `${variable} names the proxy ${url.origin}, which`;
  const exempt = `have NO_PROXY exempt ${server.hostname}`;
  const refusal = causes(error).flatMap(({ message }) => /^Proxy response \((\d+)\)/.exec(String(message))?.[1] ?? []);
  const status = Number(refusal[0]);
  if (status === 407) {
    const found = url.username === '' ? 'gets none' : 'refuses those it gets';
    const form = `${url.protocol}//USER:PASSWORD@${url.host}`;
    return new ProxyTrouble(
      `${named} wants credentials and ${found} (status 407). Give ${variable} as ${form}, or ${exempt}`,
      false,
    );
  }
  if (status >= 500) {
    return new ProxyTrouble(
      `${named} can't reach the server (status ${status}). Is the server up? Else ${exempt}`,
      true,
    );
  }
  if (status > 0) {
    return new ProxyTrouble(
      `${named} does not let the request through (status ${status}). Have it allow ${server.host}, or ${exempt}`,
      false,
    );
  }
  if (!causes(error).some((cause) => isAbout(cause, url, server))) return null;
  return new ProxyTrouble(`${named} can't be reached: ${whyUnreachable(error)}. Mend ${variable}, or ${exempt}`, true);
}

/** As the library chooses it: without a proxy of its own, https goes by the one for http. */
function proxyFor(server: URL, environment: Environment): NamedProxy | null {
  const http = namedProxy('http_proxy', environment);
  return server.protocol === 'https:' ? (namedProxy('https_proxy', environment) ?? http) : http;
}

/** Whether a failed connection was one to the proxy: Node says to which host or port it was. */
function isAbout({ hostname, port }: Readonly<Record<string, unknown>>, proxy: URL, server: URL): boolean {
  if (hostname !== undefined) return hostname === proxy.hostname;
  return port !== undefined && port === portOf(proxy) && port !== portOf(server);
}

function portOf({ port, protocol }: URL): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** @throws ConfigError, which repeats no credentials */
function namedProxy(name: string, environment: Environment): NamedProxy | null {
  const found = given(name, environment);
  if (!found) return null;
  const { variable, value } = found;
  const url = URL.canParse(value) ? new URL(value) : null;
  if (url !== null && SCHEMES.some((scheme) => url.protocol === `${scheme}:`)) return { variable, url };
  throw new ConfigError(
    'config.proxy',
    `${variable}: ${JSON.stringify(value.replace(/^.*@/, '***@'))} is no proxy's address. Accepted: http://HOST:PORT, with credentials http://USER:PASSWORD@HOST:PORT`,
  );
}

/** Small letters win, also where they are set to nothing. */
function given(name: string, environment: Environment): { readonly variable: string; readonly value: string } | null {
  const variable = [name, name.toUpperCase()].find((spelling) => environment[spelling] !== undefined);
  const value = variable === undefined ? undefined : environment[variable];
  return variable === undefined || !value ? null : { variable, value };
}
