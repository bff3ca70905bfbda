import OpenAI from 'openai';
import { isKnownError, ProviderError } from '../errors.js';
import { type Completion, type RawReply, readCompletion } from './completion.js';
import { type ChatRequest, type Dialect, dialectFields, FIRST_DIALECT, nextDialect } from './dialect.js';
import type { Endpoint } from './endpoint.js';
import { explain } from './errors.js';
import { guardedFetch } from './http.js';
import type { Missing } from './model.js';
import type { ModelPorts } from './ports.js';
import { asObject } from './server-words.js';

export interface ChatLimits {
  /** Seconds a request may take, its body included. */
  readonly timeoutSeconds: number;
  /** After the first try, with jittered backoff of 0.5 to 8 seconds, or as long as the server asks. */
  readonly maxRetries: number;
}

const DEFAULT_LIMITS: ChatLimits = { timeoutSeconds: 120, maxRetries: 6 };
const LIST_TIMEOUT_MS = 10_000;
/** A wrong address should show in seconds: trouble at the preflight is retried this often, unless the server is only busy. */
const PREFLIGHT_RETRIES = 2;

export interface CompleteOptions {
  readonly signal?: AbortSignal | undefined;
  readonly maxRetries?: number;
}

/** One model behind an OpenAI-compatible server: a question in, a reply out, whatever dialect the server speaks. */
export class ChatClient {
  private readonly api: OpenAI;
  private readonly where: string;
  private dialect: Dialect = FIRST_DIALECT;

  constructor(
    private readonly endpoint: Endpoint,
    ports: ModelPorts,
    limits: ChatLimits = DEFAULT_LIMITS,
  ) {
    this.where = `${endpoint.baseUrlName} ${endpoint.baseUrl}`;
    this.api = new OpenAI({
      baseURL: endpoint.baseUrl,
      // The library wants some text; `guardedFetch` sets the header itself, or sends none.
      apiKey: endpoint.apiKey ?? 'none',
      maxRetries: limits.maxRetries,
      timeout: limits.timeoutSeconds * 1000,
      logLevel: 'off',
      fetch: guardedFetch({
        apiKey: endpoint.apiKey,
        origin: new URL(endpoint.baseUrl).origin,
        onRequest: () => ports.requests.sent(endpoint.role),
        environment: ports.environment,
      }),
    });
  }

  /**
   * One reply, retried where that can help.
   * @returns `missing` when a filter blocked prompt or answer, or no choice came
   * @throws ConfigError, ProviderError; ProviderError `endpoint.stopped` when the signal aborts
   */
  async complete(request: ChatRequest, options: CompleteOptions = {}): Promise<Completion | Missing> {
    try {
      return readCompletion(await unlessAborted(this.negotiate(request, options), options.signal), this.where);
    } catch (error) {
      return explain(error, this.endpoint, (path) => this.list(path));
    }
  }

  /** As `complete`, for the first request of a run: an address where nobody answers is reported within seconds. */
  async firstReply(request: ChatRequest, signal?: AbortSignal): Promise<Completion | Missing> {
    try {
      return await this.complete(request, { signal, maxRetries: PREFLIGHT_RETRIES });
    } catch (error) {
      if (!isBusy(error)) throw error;
      return this.complete(request, { signal });
    }
  }

  /** Asks in the dialect known so far, and in the next one as long as the server refuses it for its wording. */
  private async negotiate(request: ChatRequest, options: CompleteOptions): Promise<RawReply> {
    const known = this.dialect;
    for (let dialect = known; ; ) {
      try {
        const reply = await this.post(request, dialect, options);
        if (dialect !== known) this.dialect = dialect;
        return reply;
      } catch (error) {
        const next = nextDialect(dialect, request, error);
        if (next === null) throw error;
        dialect = next;
      }
    }
  }

  private async post(request: ChatRequest, dialect: Dialect, options: CompleteOptions): Promise<RawReply> {
    const { messages, temperature } = request;
    const { model, extraBody } = this.endpoint;
    const body = { ...extraBody, model, messages, temperature, ...dialectFields(request, dialect) };
    const { maxRetries, signal } = options;
    const response = await this.api
      .post('/chat/completions', {
        body,
        ...(signal === undefined ? {} : { signal }),
        ...(maxRetries === undefined ? {} : { maxRetries }),
      })
      .asResponse();
    return { body: await response.text(), contentType: response.headers.get('content-type') };
  }

  private async list(path: string): Promise<readonly string[] | null> {
    try {
      const reply: unknown = await this.api.get(path, { maxRetries: 0, timeout: LIST_TIMEOUT_MS });
      const data = asObject(reply)?.data;
      if (!Array.isArray(data)) return null;
      return data.map((entry: unknown) => asObject(entry)?.id).filter((id): id is string => typeof id === 'string');
    } catch {
      // Only asked to word another error better.
      return null;
    }
  }
}

function isBusy(error: unknown): boolean {
  return isKnownError(error) && (error.code === 'endpoint.rate-limited' || error.code === 'endpoint.server-error');
}

/** The library's pause between retries does not listen to the signal. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const stopped = () => new ProviderError('endpoint.stopped', 'The request was stopped.', { cause: signal.reason });
  work.catch(() => {});
  if (signal.aborted) throw stopped();
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(stopped());
    signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
