import type { Missing } from '../model.js';
import type { ModelPorts } from '../request-budget.js';
import { type Completion, readCompletion } from './completion.js';
import type { Endpoint } from './endpoint.js';
import { readServerWords } from './failures/error-body.js';
import { withInnerStatus } from './failures/error-in-success.js';
import { faultOf, WireFault } from './failures/request-failure.js';
import { HttpClient, type HttpReply, type PostOptions } from './http/http-client.js';
import { billed, type Priced } from './metered-request.js';
import { Patience } from './patience.js';
import { signsOf } from './rate-limit/feedback.js';
import { headerOf } from './rate-limit/headers.js';
import type { Throttle } from './rate-limit/limiter.js';
import { type RetryLimits, retried } from './retry.js';

export interface ChatLimits extends RetryLimits {
  /** Seconds a request may take, its body included; longer where the server shows itself to be slow. */
  readonly timeoutSeconds: number;
}

const DEFAULT_LIMITS: RetryLimits = { maxRetries: 8, firstPauseMs: 150 };
/** For rate limits on tokens: an estimate, on the high side for English. */
const CHARACTERS_A_TOKEN = 3;

export interface AttemptOptions {
  readonly signal?: AbortSignal | undefined;
  /** Higher goes first where requests queue for the endpoint. */
  readonly priority?: number | undefined;
  readonly maxRetries?: number;
}

/** A request as it is sent. */
interface Outgoing {
  readonly body: string;
  readonly maxTokens: number;
  /** What may be computed together with it, where the server takes turns. */
  readonly batch: string;
}

/** One request, as often as a fault that may pass makes it necessary: paced, billed and counted each time. */
export class Attempts {
  readonly http: HttpClient;
  readonly #patience: Patience;
  readonly #limits: ChatLimits;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly ports: ModelPorts,
    private readonly throttle: Throttle,
    limits: ChatLimits = { ...DEFAULT_LIMITS, timeoutSeconds: endpoint.replyTimeout.seconds },
  ) {
    const { baseUrl, query, keyHeader } = endpoint;
    const { timeoutSeconds } = limits;
    this.#limits = limits;
    this.#patience = new Patience(timeoutSeconds);
    const { environment, activity } = ports;
    this.http = new HttpClient({ baseUrl, query, keyHeader, timeoutSeconds, environment, activity });
  }

  /** Whether replies are waited for longer than the setting says. */
  get raised(): boolean {
    return this.#patience.raised;
  }

  /** How long a reply is waited for, naming the setting. */
  get waited(): string {
    return this.#patience.words(this.endpoint.replyTimeout.name);
  }

  /** @throws WireFault once retries don't help */
  persist({ body, maxTokens, batch }: Outgoing, options: AttemptOptions): Promise<Completion | Missing> {
    const { role } = this.endpoint;
    const { signal, priority = 0, maxRetries = this.#limits.maxRetries } = options;
    const ticket = { priority, tokens: maxTokens + Math.ceil(body.length / CHARACTERS_A_TOKEN), signal, batch };
    const priced = { role, body, maxTokens, signal };
    return retried(() => this.#attempt(priced, ticket), {
      limits: { ...this.#limits, maxRetries },
      signal,
      onFault: (fault) => this.ports.faults.seen(fault, role),
      worksElsewhere: () => this.throttle.answers > 0,
    });
  }

  async #attempt(priced: Priced, ticket: Parameters<Throttle['run']>[0]): Promise<Completion | Missing> {
    const { body, signal } = priced;
    const post = async (onSent: () => void) => withInnerStatus(await this.#post(body, { signal, onSent }));
    const send = () => billed(this.ports.requests, priced, post);
    const reply = await this.throttle.run(ticket, send, (result) => signsOf(result, this.endpoint));
    const { status, headers, garbled } = reply;
    if (status < 200 || status >= 300) throw refused(reply);
    const completion = readCompletion({ body: reply.body, contentType: headerOf(headers, 'content-type') });
    if (garbled) this.ports.faults.seen('invalid-utf8', this.endpoint.role);
    return completion;
  }

  /** One exchange, for as long as this server is known to need. */
  async #post(body: string, options: PostOptions): Promise<HttpReply> {
    const { seconds: timeoutSeconds } = this.#patience;
    const started = Date.now();
    try {
      const reply = await this.http.post('/chat/completions', body, { ...options, timeoutSeconds });
      this.#patience.replied((Date.now() - started) / 1000);
      return reply;
    } catch (error) {
      if (!(error instanceof WireFault) || error.fault !== 'timeout') throw error;
      throw this.#patience.late(timeoutSeconds) ? error : new WireFault('timeout', { cause: error, lasts: true });
    }
  }
}

function refused({ status, headers, body }: HttpReply): WireFault {
  const words = readServerWords(body, headerOf(headers, 'content-type'));
  // Out of credit also comes as a 429, a filter's word as a 500: asking again does not help, or is not done.
  const fault = words.quotaUsedUp || words.filtered ? 'refused' : faultOf(status);
  return new WireFault(fault, { status, words });
}
