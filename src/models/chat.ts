import { ProviderError } from '../errors.js';
import { billed, type Priced } from './billed.js';
import { type Completion, readCompletion } from './completion.js';
import { type ChatRequest, type Dialect, dialectFields, FIRST_DIALECT, nextDialect } from './dialect.js';
import type { Endpoint } from './endpoint.js';
import { explain } from './errors.js';
import type { Fault } from './faults.js';
import { HttpClient, type HttpReply } from './http.js';
import { headerOf } from './limits/rate-headers.js';
import type { Throttle } from './limits/throttle.js';
import type { Missing } from './model.js';
import type { ModelPorts } from './ports.js';
import { type RetryLimits, retried } from './retry.js';
import { asObject, readServerWords } from './server-words.js';
import { signsOf } from './signs.js';
import { faultOf, WireFault } from './wire-fault.js';

export interface ChatLimits extends RetryLimits {
  /** Seconds a request may take, its body included. */
  readonly timeoutSeconds: number;
}

const DEFAULT_LIMITS: ChatLimits = { timeoutSeconds: 120, maxRetries: 6, firstPauseMs: 500 };
const LIST_TIMEOUT_SECONDS = 10;
/** A wrong address should show in seconds: trouble at the preflight is retried this often, unless the server is only busy. */
const PREFLIGHT_RETRIES = 2;
/** For rate limits on tokens: an estimate, on the high side for English. */
const CHARACTERS_A_TOKEN = 3;

export interface CompleteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first where requests queue for the endpoint. */
  readonly priority?: number | undefined;
  readonly maxRetries?: number;
}

/** One model behind an OpenAI-compatible server: a question in, a reply out, whatever dialect the server speaks. */
export class ChatClient {
  private readonly http: HttpClient;
  private readonly throttle: Throttle;
  private dialect: Dialect = FIRST_DIALECT;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly ports: ModelPorts,
    private readonly limits: ChatLimits = DEFAULT_LIMITS,
  ) {
    this.throttle = ports.throttles.at(endpoint.baseUrl);
    this.http = new HttpClient({
      baseUrl: endpoint.baseUrl,
      query: '',
      keyHeader: endpoint.apiKey === null ? null : ['authorization', `Bearer ${endpoint.apiKey}`],
      timeoutSeconds: limits.timeoutSeconds,
      onRequest: () => ports.requests.sent(endpoint.role),
      environment: ports.environment,
    });
  }

  /**
   * One reply, retried where that can help.
   * @returns `missing` when a filter blocked prompt or answer, or this one request came to nothing on an endpoint that works
   * @throws ConfigError, ProviderError; ProviderError `endpoint.stopped` when the signal aborts
   */
  async complete(request: ChatRequest, options: CompleteOptions = {}): Promise<Completion | Missing> {
    const { answers } = this.throttle;
    try {
      const completion = await this.negotiate(request, options);
      this.throttle.answered();
      this.count(completion);
      return completion;
    } catch (error) {
      if (options.signal?.aborted) {
        throw new ProviderError('endpoint.stopped', 'The request was stopped.', { cause: options.signal.reason });
      }
      if (!(error instanceof WireFault)) throw error;
      return this.givenUp(error, this.throttle.answers > answers);
    }
  }

  /** As `complete`, for the first request of a run: an address where nobody answers is reported within seconds. */
  async firstReply(request: ChatRequest, signal?: AbortSignal): Promise<Completion | Missing> {
    return this.complete(request, { signal, maxRetries: PREFLIGHT_RETRIES });
  }

  /** Asks in the dialect known so far, and in the next one as long as the server refuses it for its wording. */
  private async negotiate(request: ChatRequest, options: CompleteOptions): Promise<Completion | Missing> {
    const known = this.dialect;
    for (let dialect = known; ; ) {
      try {
        const reply = await this.persist(request, dialect, options);
        if (dialect !== known) this.dialect = dialect;
        return reply;
      } catch (error) {
        const next = nextDialect(dialect, request, error);
        if (next === null) throw error;
        dialect = next;
      }
    }
  }

  private persist(request: ChatRequest, dialect: Dialect, options: CompleteOptions): Promise<Completion | Missing> {
    const { messages, temperature } = request;
    const { model, extraBody, role } = this.endpoint;
    const body = JSON.stringify({ ...extraBody, model, messages, temperature, ...dialectFields(request, dialect) });
    const ticket = {
      priority: options.priority ?? 0,
      tokens: request.maxTokens + Math.ceil(body.length / CHARACTERS_A_TOKEN),
      signal: options.signal,
    };
    const priced = { role, body, maxTokens: request.maxTokens, signal: options.signal };
    return retried(() => this.attempt(priced, ticket), {
      limits: { ...this.limits, maxRetries: options.maxRetries ?? this.limits.maxRetries },
      signal: options.signal,
      onFault: (fault) => this.ports.faults.seen(fault, role),
      worksElsewhere: () => this.throttle.answers > 0,
    });
  }

  private async attempt(priced: Priced, ticket: Parameters<Throttle['run']>[0]): Promise<Completion | Missing> {
    const post = () => this.http.post('/chat/completions', priced.body, priced.signal);
    const send = () => billed(this.ports.requests, priced, post);
    const reply = await this.throttle.run(ticket, send, signsOf);
    const { status, headers, garbled } = reply;
    if (status < 200 || status >= 300) throw refused(reply);
    const completion = readCompletion({ body: reply.body, contentType: headerOf(headers, 'content-type') });
    if (garbled) this.ports.faults.seen('invalid-utf8', this.endpoint.role);
    return completion;
  }

  private async givenUp(fault: WireFault, endpointWorks: boolean): Promise<Missing> {
    if (fault.fault === 'refused') {
      const missing = await explain(fault, this.endpoint, (path) => this.list(path));
      this.count(missing);
      return missing;
    }
    this.ports.faults.lost(fault.fault);
    if (endpointWorks && fault.fault !== 'no-choice') {
      const detail = `The request failed after all retries (${fault.fault}), while others to the same server went through.`;
      return { kind: 'missing', reason: 'transport', detail };
    }
    return explain(fault, this.endpoint, (path) => this.list(path));
  }

  /** What a reply held, for the fault table: nothing of this is retried. */
  private count(reply: Completion | Missing): void {
    const { role } = this.endpoint;
    for (const fault of outcomesOf(reply)) this.ports.faults.seen(fault, role);
  }

  private async list(path: string): Promise<readonly string[] | null> {
    try {
      const { status, body } = await this.http.get(`${this.endpoint.baseUrl}${path}`, LIST_TIMEOUT_SECONDS);
      const data = status === 200 ? asObject(JSON.parse(body))?.data : null;
      if (!Array.isArray(data)) return null;
      return data.map((entry: unknown) => asObject(entry)?.id).filter((id): id is string => typeof id === 'string');
    } catch {
      // Only asked to word another error better.
      return null;
    }
  }
}

function refused({ status, headers, body }: HttpReply): WireFault {
  const words = readServerWords(body, headerOf(headers, 'content-type'));
  // Out of credit also comes as a 429: waiting does not help.
  const fault = words.quotaUsedUp ? 'refused' : faultOf(status);
  return new WireFault(fault, { status, words });
}

function outcomesOf(reply: Completion | Missing): readonly Fault[] {
  if (reply.kind === 'missing') {
    return reply.reason === 'filtered-prompt' || reply.reason === 'filtered-output' || reply.reason === 'no-answer'
      ? [reply.reason]
      : [];
  }
  return [...(reply.refused ? (['refusal-field'] as const) : []), ...(reply.truncated ? (['cut'] as const) : [])];
}
