import { VERSION } from '../version.js';
import { readServerWords } from './server-words.js';

export interface GuardedFetchOptions {
  /** Sent as a bearer token to the base URL's own origin and nowhere else; null sends no key at all. */
  readonly apiKey: string | null;
  readonly origin: string;
  readonly onRequest: () => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

type Fetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** Within the same origin only (a server that adds a slash). Further ones are an error that names the target. */
const MAX_REDIRECTS = 3;
/** An answer of some thousand tokens has a few kB; what is larger is no chat completion. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** A server that asks for a longer wait than this is not waited for. */
export const MAX_WAIT_SECONDS = 120;

/**
 * A `fetch` for the client library: it counts requests, sends no other headers than needed, keeps key and prompts on their
 * origin, reads the whole body within the library's time limit (which covers the headers only), and gives every server's
 * errors one shape (`ServerWords`).
 */
export function guardedFetch(options: GuardedFetchOptions): Fetch {
  const loadFetch = lazyFetch(options.environment);
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    if (url.origin !== options.origin) throw new Error(`refusing to send a request to ${url.origin}`);
    const send = await loadFetch();
    options.onRequest();
    try {
      return await settled(
        await follow(send, url, { ...init, headers: headersFor(options.apiKey), redirect: 'manual' }),
      );
    } catch (error) {
      // The library knows its own time limit by this message.
      throw init?.signal?.aborted ? new Error('Request timed out.', { cause: error }) : error;
    }
  };
}

async function follow(send: Fetch, url: URL, init: RequestInit, hops = 0): Promise<Response> {
  const response = await send(url, init);
  const next = hops < MAX_REDIRECTS ? sameOriginTarget(response, url) : null;
  if (next === null) return response;
  await response.body?.cancel();
  return follow(send, next, init, hops + 1);
}

/** Only these: the library would add the organisation, the project and custom headers that the environment holds for OpenAI. */
function headersFor(apiKey: string | null): Headers {
  const headers = new Headers({
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': `misalignment-gate/${VERSION}`,
  });
  if (apiKey !== null) headers.set('authorization', `Bearer ${apiKey}`);
  return headers;
}

/** 307 and 308 keep method and body; the others would turn the question into a GET. */
function sameOriginTarget(response: Response, from: URL): URL | null {
  const location = response.headers.get('location');
  if ((response.status !== 307 && response.status !== 308) || location === null) return null;
  if (!URL.canParse(location, from.href)) return null;
  const target = new URL(location, from);
  return target.origin === from.origin ? target : null;
}

async function settled(response: Response): Promise<Response> {
  const { status } = response;
  const headers = new Headers(response.headers);
  const body = await readBody(response);
  if (status === 204 || status === 205) return new Response(null, { status, headers });
  if (response.ok) return new Response(body, { status, headers });
  const words = readServerWords(body, headers.get('content-type'));
  if (words.quotaUsedUp || waitSeconds(headers) > MAX_WAIT_SECONDS) headers.set('x-should-retry', 'false');
  return new Response(JSON.stringify({ error: words }), { status: status === 304 ? 502 : status, headers });
}

/** Seconds that the server asks to wait (RFC 9110, 10.2.3: a number or a date); 0 where it does not say. */
export function waitSeconds(headers: Headers): number {
  const value = headers.get('retry-after');
  if (value === null) return 0;
  const seconds = Number.parseFloat(value);
  const wait = Number.isNaN(seconds) ? (Date.parse(value) - Date.now()) / 1000 : seconds;
  return Number.isNaN(wait) ? 0 : Math.max(0, wait);
}

async function readBody(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Error(`the response is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];

/** Node's own `fetch` ignores proxy variables; undici is loaded only where one is set. */
function lazyFetch(environment: GuardedFetchOptions['environment']): () => Promise<Fetch> {
  if (!PROXY_VARIABLES.some((name) => environment[name])) return async () => fetch;
  let proxied: Promise<Fetch> | null = null;
  return () => {
    proxied ??= loadProxied(environment);
    return proxied;
  };
}

async function loadProxied(environment: GuardedFetchOptions['environment']): Promise<Fetch> {
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('undici');
  const read = (name: string) => environment[name] ?? environment[name.toUpperCase()];
  const dispatcher = new EnvHttpProxyAgent({
    ...optional('httpProxy', read('http_proxy')),
    ...optional('httpsProxy', read('https_proxy')),
    ...optional('noProxy', read('no_proxy')),
  });
  return ((url: URL, init: object) => undiciFetch(url, { ...init, dispatcher })) as unknown as Fetch;
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]?: string });
}
