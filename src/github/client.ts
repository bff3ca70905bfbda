import { randomUUID } from 'node:crypto';
import type { Octokit } from 'octokit';
import type { Logger } from '../core/log.js';

export type GithubClient = Octokit;

export interface ClientOptions {
  readonly token: string;
  /** GITHUB_API_URL: GitHub Enterprise Server has its own. */
  readonly apiUrl: string;
  readonly userAgent: string;
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * A request is tried again so often after a rate limit, and not when GitHub asks to wait for longer: a primary limit is
 * renewed every hour, and a job that sleeps for most of one helps nobody.
 */
const MAX_RATE_LIMIT_RETRIES = 3;
const MAX_RATE_LIMIT_WAIT_SECONDS = 1_200;
const PROXY_VARIABLES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

/** The one place where a client of GitHub's API is made: base URL, proxy, retries, and a token that stays with its host. */
export async function createClient(options: ClientOptions): Promise<GithubClient> {
  // Loaded here, not at the top: events without a pull request need none of it.
  const { Octokit } = await import('octokit');
  const { log } = options;
  const client = new Octokit({
    auth: options.token,
    baseUrl: options.apiUrl.replace(/\/+$/, ''),
    userAgent: options.userAgent,
    log: { debug: log.debug, info: log.debug, warn: log.debug, error: log.debug },
    request: { fetch: await fetchOf(options.environment) },
    throttle: {
      // Its own pace: without an id all clients of a process would share one queue.
      id: randomUUID(),
      onRateLimit: (seconds: number, _request: object, _octokit: unknown, tries: number) =>
        waitFor('rate limit', seconds, tries, log),
      onSecondaryRateLimit: (seconds: number, _request: object, _octokit: unknown, tries: number) =>
        waitFor('secondary rate limit', seconds, tries, log),
    },
  });
  keepTokenHome(client, options.apiUrl);
  return client;
}

function waitFor(limit: string, seconds: number, tries: number, log: Logger): boolean {
  const again = tries < MAX_RATE_LIMIT_RETRIES && seconds <= MAX_RATE_LIMIT_WAIT_SECONDS;
  log.info(`GitHub's ${limit} is reached: ${again ? `trying again in ${seconds} s` : 'giving this request up'}.`);
  return again;
}

/** The links of a paged answer are absolute URLs that the server chose; one to another host would take the token along. */
function keepTokenHome(client: GithubClient, apiUrl: string): void {
  const home = new URL(apiUrl).origin;
  client.hook.before('request', (options) => {
    const { origin } = new URL(client.request.endpoint(options).url);
    if (origin !== home) throw new Error(`refused to send the GitHub token to ${origin}; it belongs to ${home}`);
  });
}

async function fetchOf(environment: ClientOptions['environment']): Promise<typeof fetch> {
  const variable = PROXY_VARIABLES.find((name) => environment[name]);
  if (variable === undefined) return fetch;
  // By its default: a bundled CommonJS module that is imported at run time has no other export.
  const { default: undici } = await import('undici');
  const dispatcher = new undici.EnvHttpProxyAgent();
  // undici's own fetch: the one inside Node does not take a dispatcher of another version.
  const proxied = (url: string, init: object) =>
    undici.fetch(url, { ...init, dispatcher }).catch((error: unknown) => {
      throw mayBeProxy(error, variable);
    });
  return proxied as unknown as typeof fetch;
}

/** Behind a proxy that is down or refuses, GitHub seems to be away. */
function mayBeProxy(error: unknown, variable: string): unknown {
  if (!(error instanceof Error) || error.name === 'AbortError') return error;
  const message = innermost(error);
  const hint = `${variable} names a proxy: is it up, and are its address and credentials right? Else have NO_PROXY exempt GitHub`;
  return new Error(`${message}; ${hint}`, { cause: error });
}

/** By its shape, not its class: causes come from Node itself. */
function innermost(error: unknown): string {
  const { message = '', cause } = error as { readonly message?: string; readonly cause?: unknown };
  return (typeof cause === 'object' && cause !== null && innermost(cause)) || message;
}
