import type { Dispatcher } from 'undici';
import type { Activity } from '../../../core/activity.js';
import { VERSION } from '../../../core/package.js';
import { withoutSecrets } from '../../../core/secret-forms.js';
import { WireFault } from '../failures/request-failure.js';
import { headerOf, type ReplyHeaders } from '../rate-limit/headers.js';
import { type HttpBody, readBody } from './body.js';
import { connectionsOf, type FreshConnections, proxyTrouble } from './proxy.js';

export interface HttpOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Added to every address: Azure's `api-version`. */
  readonly query: string;
  /** The key's header; null sends no key at all. It goes to the base URL's own origin and nowhere else. */
  readonly keyHeader: readonly [name: string, value: string] | null;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly activity: Activity;
}

export interface HttpReply extends HttpBody {
  readonly status: number;
  readonly headers: ReplyHeaders;
}

export interface PostOptions {
  readonly signal: AbortSignal | undefined;
  /** For this exchange; default: the client's. */
  readonly timeoutSeconds?: number;
  /** Told when the request leaves, on a connection that stands; for each redirect that is followed again. */
  readonly onSent: () => void;
}

interface Exchange extends Pick<PostOptions, 'onSent'> {
  readonly method: 'GET' | 'POST';
  readonly body: string | null;
  readonly signal: AbortSignal;
}

/** Within the same origin only (a server that adds a slash). Further ones are an error that names the target. */
const MAX_REDIRECTS = 3;

/**
 * One server: sends no other headers than needed, keeps key and prompts on their origin, and has a time
 * limit for the whole exchange, the body included. Any status is a reply; only what never became one is an error.
 */
export class HttpClient {
  readonly #connections: FreshConnections;
  readonly #origin: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(private readonly options: HttpOptions) {
    this.#connections = connectionsOf(options.environment);
    this.#origin = new URL(options.baseUrl).origin;
    this.#headers = {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'user-agent': `misalignment-gate/${VERSION}`,
      ...(options.keyHeader === null ? {} : { [options.keyHeader[0]]: options.keyHeader[1] }),
    };
  }

  /** @throws WireFault `timeout`, `connection`, `half-body` or `malformed`; once the signal aborts, its reason */
  async post(path: string, body: string, { signal, onSent, timeoutSeconds }: PostOptions): Promise<HttpReply> {
    const address = `${this.options.baseUrl}${path}${this.options.query}`;
    return this.#awaited(timeoutSeconds ?? this.options.timeoutSeconds, signal, (limit) =>
      this.#exchange(address, { method: 'POST', body, onSent, signal: limit }),
    );
  }

  /** `address` stands on its own: server pages beside the API have other paths. @throws as `post` */
  async get(address: string, timeoutSeconds: number, signal?: AbortSignal): Promise<HttpReply> {
    return this.#awaited(timeoutSeconds, signal, (limit) =>
      this.#exchange(address, { method: 'GET', body: null, onSent: () => {}, signal: limit }),
    );
  }

  /** No run stands still that has a request out, within the request's limit. */
  #awaited<T>(seconds: number, signal: AbortSignal | undefined, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
    return this.options.activity.during(`requests to ${this.#origin}`, seconds * 1000, () =>
      this.#within(seconds, signal, work),
    );
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
      return await Promise.race([work(controller.signal), whenAborted(controller.signal)]);
    } catch (error) {
      signal?.throwIfAborted();
      if (controller.signal.aborted) throw new WireFault('timeout', { cause: error });
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', stop);
    }
  }

  async #exchange(address: string, exchange: Exchange, hops = 0): Promise<HttpReply> {
    const url = new URL(address);
    if (url.origin !== this.#origin) throw new Error(`refusing to send a request to ${url.origin}`);
    const { origin, pathname, search } = url;
    const { onSent, ...asked } = exchange;
    const request = { ...asked, origin, path: `${pathname}${search}`, headers: this.#headers };
    const noted = this.#connections.next().compose(noting(onSent));
    const reply = await noted.request(request).catch((cause: unknown) => {
      return asFault('connection')(proxyTrouble(cause, url, this.options.environment) ?? cause);
    });
    const next = hops < MAX_REDIRECTS ? this.#sameOriginTarget(reply, url) : null;
    if (next === null) {
      const { statusCode: status, headers } = reply;
      const encoding = headerOf(headers, 'content-encoding');
      return this.#withoutKey({
        status,
        headers,
        ...(await readBody(reply.body, encoding).catch(asFault('half-body'))),
      });
    }
    await reply.body.dump();
    return this.#exchange(next, exchange, hops + 1);
  }

  /** A server may repeat the key, in an error or in an answer: nothing that is read, kept or cut later holds it. */
  #withoutKey({ headers, body, ...reply }: HttpReply): HttpReply {
    const key = this.options.keyHeader?.[1].replace(/^Bearer /, '') ?? '';
    const clean = (text: string) => withoutSecrets(text, [key]);
    const entries = Object.entries(headers).map(([name, value]) => [
      name,
      typeof value === 'string' ? clean(value) : value?.map(clean),
    ]);
    return { ...reply, headers: Object.fromEntries(entries), body: clean(body) };
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

/** The library can't be called off while it makes a connection. */
function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function asFault(fault: 'connection' | 'half-body'): (cause: unknown) => never {
  return (cause) => {
    throw cause instanceof WireFault ? cause : new WireFault(fault, { cause });
  };
}

/** What is called off while its connection is being made never leaves. */
function noting(onSent: () => void): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) =>
    dispatch(options, {
      onRequestStart: (controller, context) => {
        handler.onRequestStart?.(controller, context);
        if (!controller.aborted) onSent();
      },
      onRequestUpgrade: (...upgrade) => handler.onRequestUpgrade?.(...upgrade),
      onResponseStart: (...start) => handler.onResponseStart?.(...start),
      onResponseData: (...data) => handler.onResponseData?.(...data),
      onResponseEnd: (...end) => handler.onResponseEnd?.(...end),
      onResponseError: (...error) => handler.onResponseError?.(...error),
    });
}
