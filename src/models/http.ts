import { isUtf8 } from 'node:buffer';
import { Agent, type Dispatcher, EnvHttpProxyAgent } from 'undici';
import { VERSION } from '../version.js';
import type { ReplyHeaders } from './limits/rate-headers.js';
import { WireFault } from './wire-fault.js';

export interface HttpOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Added to every address: Azure's `api-version`. */
  readonly query: string;
  /** The key's header; null sends no key at all. It goes to the base URL's own origin and nowhere else. */
  readonly keyHeader: readonly [name: string, value: string] | null;
  readonly timeoutSeconds: number;
  /** Told of every question that leaves; a look at the server's lists costs nothing. */
  readonly onRequest: () => void;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface HttpReply {
  readonly status: number;
  readonly headers: ReplyHeaders;
  readonly body: string;
  /** The body was no valid UTF-8: what could not be read stands as U+FFFD. */
  readonly garbled: boolean;
}

/** Within the same origin only (a server that adds a slash). Further ones are an error that names the target. */
const MAX_REDIRECTS = 3;
/** An answer of some thousand tokens has a few kB; what is larger is no chat completion. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/**
 * One server: counts requests, sends no other headers than needed, keeps key and prompts on their origin, and has a time
 * limit for the whole exchange, the body included. Any status is a reply; only what never became one is an error.
 */
export class HttpClient {
  readonly #dispatcher: Dispatcher;
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(private readonly options: HttpOptions) {
    this.#dispatcher = dispatcherOf(options.environment);
    this.#origin = new URL(options.baseUrl).origin;
    this.#headers = {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': `misalignment-gate/${VERSION}`,
      ...(options.keyHeader === null ? {} : { [options.keyHeader[0]]: options.keyHeader[1] }),
    };
  }

  /** @throws WireFault `timeout`, `connection` or `half-body`; once the signal aborts, its reason */
  async post(path: string, body: string, signal: AbortSignal | undefined): Promise<HttpReply> {
    const address = `${this.options.baseUrl}${path}${this.options.query}`;
    return this.#within(this.options.timeoutSeconds, signal, (limit) => this.#exchange('POST', address, body, limit));
  }

  /** `address` stands on its own: server pages beside the API have other paths. @throws as `post` */
  async get(address: string, timeoutSeconds: number, signal?: AbortSignal): Promise<HttpReply> {
    return this.#within(timeoutSeconds, signal, (limit) => this.#exchange('GET', address, null, limit));
  }

  async #within<T>(
    seconds: number,
    signal: AbortSignal | undefined,
    work: (limit: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const stop = () => controller.abort();
    const timer = setTimeout(stop, seconds * 1000);
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await work(controller.signal);
    } catch (error) {
      signal?.throwIfAborted();
      if (controller.signal.aborted) throw new WireFault('timeout', { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  async #exchange(
    method: 'GET' | 'POST',
    address: string,
    body: string | null,
    signal: AbortSignal,
    hops = 0,
  ): Promise<HttpReply> {
    const url = new URL(address);
    if (url.origin !== this.#origin) throw new Error(`refusing to send a request to ${url.origin}`);
    const { origin, pathname, search } = url;
    if (method === 'POST') this.options.onRequest();
    const request = { origin, path: `${pathname}${search}`, method, headers: this.#headers, body, signal };
    const reply = await this.#dispatcher.request(request).catch(asFault('connection'));
    const next = hops < MAX_REDIRECTS ? this.#sameOriginTarget(reply, url) : null;
    if (next === null) {
      return {
        status: reply.statusCode,
        headers: reply.headers,
        ...(await read(reply.body).catch(asFault('half-body'))),
      };
    }
    await reply.body.dump();
    return this.#exchange(method, next, body, signal, hops + 1);
  }

  /** 307 and 308 keep method and body; the others would turn the question into a GET. */
  #sameOriginTarget({ statusCode, headers }: Dispatcher.ResponseData, from: URL): string | null {
    const { location } = headers;
    if ((statusCode !== 307 && statusCode !== 308) || typeof location !== 'string') return null;
    if (!URL.canParse(location, from.href)) return null;
    const target = new URL(location, from);
    return target.origin === this.#origin ? target.href : null;
  }
}

function asFault(fault: 'connection' | 'half-body'): (cause: unknown) => never {
  return (cause) => {
    throw new WireFault(fault, { cause });
  };
}

async function read(body: Dispatcher.ResponseData['body']): Promise<Pick<HttpReply, 'body' | 'garbled'>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > MAX_BODY_BYTES) throw new Error(`the response is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  // TextDecoder takes a byte-order mark away; toString would leave it.
  return { body: new TextDecoder().decode(bytes), garbled: !isUtf8(bytes) };
}

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'];
/** The exchange as a whole has a time limit; the library's own would cut a slow model off before it. */
const PATIENT = { headersTimeout: 0, bodyTimeout: 0 } as const;

let direct: Agent | null = null;

/** All that need no proxy share one pool of connections. */
function dispatcherOf(environment: HttpOptions['environment']): Dispatcher {
  if (!PROXY_VARIABLES.some((name) => environment[name])) {
    direct ??= new Agent(PATIENT);
    return direct;
  }
  const read = (name: string) => environment[name] ?? environment[name.toUpperCase()];
  return new EnvHttpProxyAgent({
    ...PATIENT,
    ...optional('httpProxy', read('http_proxy')),
    ...optional('httpsProxy', read('https_proxy')),
    ...optional('noProxy', read('no_proxy')),
  });
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined || value === '' ? {} : ({ [key]: value } as { [P in K]?: string });
}
