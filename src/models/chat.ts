import { ProviderError } from '../errors.js';
import { billed, type Priced } from './billed.js';
import { type Completion, readCompletion } from './completion.js';
import { type ChatRequest, type Dialect, dialectFields, nextDialect } from './dialect.js';
import type { Endpoint } from './endpoint.js';
import { explain, saidBy } from './errors.js';
import type { Fault } from './faults.js';
import { HttpClient, type HttpReply } from './http.js';
import { withInnerStatus } from './inner-error.js';
import { headerOf } from './limits/rate-headers.js';
import type { Throttle } from './limits/throttle.js';
import { type Adapter, type ListedModel, listedAs, nearestFirst, readAdapters, readListing } from './listing.js';
import type { Missing } from './model.js';
import type { ModelPorts } from './ports.js';
import { Replies } from './replies.js';
import { type RetryLimits, retried } from './retry.js';
import { readServerWords } from './server-words.js';
import { signsOf } from './signs.js';
import { Spoken } from './spoken.js';
import { faultOf, WireFault } from './wire-fault.js';

export interface ChatLimits extends RetryLimits {
  /** Seconds a request may take, its body included. */
  readonly timeoutSeconds: number;
}

const DEFAULT_LIMITS: ChatLimits = { timeoutSeconds: 120, maxRetries: 8, firstPauseMs: 150 };
const LIST_TIMEOUT_SECONDS = 10;
/** A wrong address should show in seconds: trouble at the preflight is retried this often, unless the server is only busy. */
const PREFLIGHT_RETRIES = 3;
/** For rate limits on tokens: an estimate, on the high side for English. */
const CHARACTERS_A_TOKEN = 3;
const NO_CHOICE = 'The server gave no choice, while the model answers others.';

export interface CompleteOptions {
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first where requests queue for the endpoint. */
  readonly priority?: number | undefined;
  readonly maxRetries?: number;
  /** Asks in the dialect known so far only: what is refused is a refusal. */
  readonly asIs?: boolean;
  /** Few tokens are asked for on purpose: a reply that is cut is no fault. */
  readonly brief?: boolean;
}

/** One model behind an OpenAI-compatible server: a question in, a reply out, whatever dialect the server speaks. */
export class ChatClient {
  /** How the server was found to want its requests. */
  readonly spoken = new Spoken();
  private readonly http: HttpClient;
  private readonly throttle: Throttle;
  private readonly replies = new Replies();
  private extraBody: Readonly<Record<string, unknown>>;
  private others: readonly string[] = [];

  constructor(
    private readonly endpoint: Endpoint,
    private readonly ports: ModelPorts,
    private readonly limits: ChatLimits = DEFAULT_LIMITS,
  ) {
    this.extraBody = endpoint.extraBody;
    this.throttle = ports.throttles.at(endpoint.baseUrl);
    this.http = new HttpClient({
      baseUrl: endpoint.baseUrl,
      query: endpoint.query,
      keyHeader: endpoint.keyHeader,
      timeoutSeconds: limits.timeoutSeconds,
      environment: ports.environment,
    });
  }

  /**
   * One reply, retried where that can help.
   * @returns `missing` when a filter blocked prompt or answer, or this one request came to nothing while the model answers others
   * @throws ConfigError, ProviderError; ProviderError `endpoint.stopped` when the signal aborts
   */
  async complete(request: ChatRequest, options: CompleteOptions = {}): Promise<Completion | Missing> {
    const { count } = this.replies;
    try {
      const completion = await this.negotiate(request, options);
      this.replied();
      this.count(completion, options);
      return completion;
    } catch (error) {
      if (options.signal?.aborted) {
        throw new ProviderError('endpoint.stopped', 'The request was stopped.', { cause: options.signal.reason });
      }
      if (!(error instanceof WireFault)) throw error;
      return this.givenUp(error, count);
    }
  }

  /** As `complete`, for the first request of a run: an address where nobody answers is reported within seconds. */
  async firstReply(request: ChatRequest, options: CompleteOptions = {}): Promise<Completion | Missing> {
    return this.complete(request, { ...options, maxRetries: PREFLIGHT_RETRIES });
  }

  /** llama.cpp: which adapters apply to every further request. Those with other adapters can't be computed together with it. */
  useAdapters(adapters: readonly Adapter[]): void {
    this.extraBody = { ...this.extraBody, lora: adapters };
    this.throttle.takeTurns();
  }

  get adaptersInUse(): readonly Adapter[] | null {
    const { lora } = this.extraBody;
    return Array.isArray(lora) ? (lora as readonly Adapter[]) : null;
  }

  /** What `GET /models` says of this model; null where there is no such list, or it is not on it. */
  async listing(signal?: AbortSignal): Promise<ListedModel | null> {
    const body = await this.fetched(`${this.endpoint.baseUrl}/models`, signal);
    const list = (body === null ? null : readListing(body)) ?? [];
    const found = listedAs(this.endpoint.model, list);
    this.others = found === null && !listsNoDeployments(this.endpoint) ? list.map(({ id }) => id) : [];
    return found;
  }

  /** What the server's list has instead of this model, by the last look at it; null where it has it, or there is no list. */
  get listedInstead(): string | null {
    return this.others.length === 0 ? null : nearestFirst(this.endpoint.model, this.others);
  }

  /** The adapters that a llama.cpp server has loaded; it lists them beside its API. */
  async adapters(signal?: AbortSignal): Promise<readonly Adapter[]> {
    const body = await this.fetched(`${this.endpoint.baseUrl.replace(/\/v1$/, '')}/lora-adapters`, signal);
    return body === null ? [] : readAdapters(body);
  }

  /** Asks in the dialect known so far, and in the next one as long as the server refuses it for its wording. */
  private async negotiate(request: ChatRequest, options: CompleteOptions): Promise<Completion | Missing> {
    for (;;) {
      const { now: dialect } = this.spoken;
      try {
        const reply = await this.persist(request, dialect, options);
        if (!options.asIs) this.spoken.answered(request, dialect);
        return reply;
      } catch (error) {
        const next = options.asIs ? null : nextDialect(dialect, request, error);
        if (next === null) throw error;
        this.spoken.learn(next);
      }
    }
  }

  private persist(request: ChatRequest, dialect: Dialect, options: CompleteOptions): Promise<Completion | Missing> {
    const { model, role } = this.endpoint;
    // What the user adds wins over what the gate would send.
    const body = JSON.stringify({ model, ...dialectFields(request, dialect), ...this.extraBody });
    const ticket = {
      priority: options.priority ?? 0,
      tokens: request.maxTokens + Math.ceil(body.length / CHARACTERS_A_TOKEN),
      signal: options.signal,
      batch: JSON.stringify(this.extraBody.lora ?? null),
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
    const { body, signal } = priced;
    const post = async (onSent: () => void) =>
      withInnerStatus(await this.http.post('/chat/completions', body, { signal, onSent }));
    const send = () => billed(this.ports.requests, priced, post);
    const reply = await this.throttle.run(ticket, send, (result) => signsOf(result, this.endpoint));
    const { status, headers, garbled } = reply;
    if (status < 200 || status >= 300) throw refused(reply);
    const completion = readCompletion({ body: reply.body, contentType: headerOf(headers, 'content-type') });
    if (garbled) this.ports.faults.seen('invalid-utf8', this.endpoint.role);
    return completion;
  }

  /** @param before usable replies when the request began */
  private async givenUp(fault: WireFault, before: number): Promise<Missing> {
    if (fault.fault === 'refused') {
      const missing = await explain(fault, this.endpoint, (path) => this.list(path));
      this.replied();
      this.count(missing, {});
      return missing;
    }
    this.ports.faults.lost(fault.fault);
    if (!this.replies.lost(before)) return explain(fault, this.endpoint, (path) => this.list(path));
    if (fault.fault === 'no-choice') return { kind: 'missing', reason: 'no-answer', detail: NO_CHOICE };
    const detail = `The request failed after all retries (${fault.fault}${saidBy(fault, this.endpoint)}), while the model answers others.`;
    return { kind: 'missing', reason: 'transport', detail };
  }

  private replied(): void {
    this.replies.usable();
    this.throttle.answered();
  }

  /** What a reply held, for the fault table: nothing of this is retried. */
  private count(reply: Completion | Missing, { brief }: CompleteOptions): void {
    const { role } = this.endpoint;
    const ofItsLength = (fault: Fault) => brief && (fault === 'cut' || fault === 'no-answer');
    for (const fault of outcomesOf(reply)) if (!ofItsLength(fault)) this.ports.faults.seen(fault, role);
  }

  private async list(path: string): Promise<readonly string[] | null> {
    const body = await this.fetched(`${this.endpoint.baseUrl}${path}`);
    return (body === null ? null : readListing(body))?.map(({ id }) => id) ?? null;
  }

  /** A page that some servers have; null where it can't be had, for whatever reason. */
  private async fetched(address: string, signal?: AbortSignal): Promise<string | null> {
    try {
      const { status, body } = await this.http.get(`${address}${this.endpoint.query}`, LIST_TIMEOUT_SECONDS, signal);
      return status === 200 ? body : null;
    } catch {
      return null;
    }
  }
}

/** Azure goes by the names of deployments, and lists what could be deployed. */
function listsNoDeployments({ baseUrl, query }: Endpoint): boolean {
  return query !== '' || new URL(baseUrl).hostname.endsWith('.azure.com');
}

function refused({ status, headers, body }: HttpReply): WireFault {
  const words = readServerWords(body, headerOf(headers, 'content-type'));
  // Out of credit also comes as a 429, a filter's word as a 500: asking again does not help, or is not done.
  const fault = words.quotaUsedUp || words.filtered ? 'refused' : faultOf(status);
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
