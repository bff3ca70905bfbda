import { ProviderError } from '../../core/errors.js';
import type { Missing } from '../model.js';
import type { ModelPorts } from '../request-budget.js';
import { type AttemptOptions, Attempts, type ChatLimits } from './attempts.js';
import type { Completion } from './completion.js';
import { type ChatRequest, type Dialect, dialectFields, joined, nextDialect } from './dialect.js';
import type { Endpoint } from './endpoint.js';
import { explain, policyOutcome, saidBy } from './failures/explain-failure.js';
import type { Fault } from './failures/fault-counts.js';
import { Refusals, refusedOne } from './failures/refusals.js';
import { WireFault } from './failures/request-failure.js';
import { Replies } from './liveness.js';
import type { Adapter } from './model-list.js';
import { Spoken } from './negotiated-dialect.js';
import type { Throttle } from './rate-limit/limiter.js';
import { ServerPages } from './server-pages.js';

/** A wrong address should show in seconds: trouble at the preflight is retried this often, unless the server is only busy. */
const PREFLIGHT_RETRIES = 3;
/** Before all others: they wait for what it says. */
const AT_ONCE = 1_000;
const NO_CHOICE = 'The server gave no choice, while the model answers others.';

export type { ChatLimits } from './attempts.js';

export interface CompleteOptions extends AttemptOptions {
  /** Asks in the dialect known so far only: what is refused is a refusal. */
  readonly asIs?: boolean;
  /** Few tokens are asked for on purpose: a reply that is cut is no fault. */
  readonly brief?: boolean;
  /** It is asked once more before a key or a setting is blamed. */
  readonly again?: boolean;
}

/** One model behind an OpenAI-compatible server: a question in, a reply out, whatever dialect the server speaks. */
export class ChatClient {
  /** How the server was found to want its requests. */
  readonly spoken = new Spoken();
  /** What the server tells beside its answers. */
  readonly pages: ServerPages;
  private readonly attempts: Attempts;
  private readonly throttle: Throttle;
  private readonly replies = new Replies();
  private readonly refusals: Refusals;
  private extraBody: Readonly<Record<string, unknown>>;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly ports: ModelPorts,
    limits?: ChatLimits,
  ) {
    this.extraBody = endpoint.extraBody;
    this.throttle = ports.throttles.at(endpoint.baseUrl);
    this.attempts = new Attempts(endpoint, ports, this.throttle, limits);
    this.pages = new ServerPages(endpoint, this.attempts.http);
    this.refusals = new Refusals(endpoint, ports.faults, this.replies, (known, signal) => this.repeat(known, signal));
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
      this.replied(request);
      this.count(completion, options);
      return completion;
    } catch (error) {
      if (options.signal?.aborted) {
        throw new ProviderError('endpoint.stopped', 'The request was stopped.', { cause: options.signal.reason });
      }
      if (!(error instanceof WireFault)) throw error;
      return error.fault === 'refused' ? this.refused(error, request, options) : this.givenUp(error, request, count);
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

  /** Where replies were waited for longer than the setting says: what to set it to. */
  get slowness(): string | null {
    const { raised, waited } = this.attempts;
    return raised ? `${waited}. Give it as much to spare the requests that were given up.` : null;
  }

  get adaptersInUse(): readonly Adapter[] | null {
    const { lora } = this.extraBody;
    return Array.isArray(lora) ? (lora as readonly Adapter[]) : null;
  }

  /** Asks in the dialect known so far, and in the next one as long as the server refuses it for its wording. */
  private async negotiate(request: ChatRequest, options: CompleteOptions): Promise<Completion | Missing> {
    let tried: Partial<Dialect> = {};
    for (;;) {
      const { now } = this.spoken;
      const dialect = joined(now, { ...now, ...tried });
      const reply = await this.persist(request, dialect, options).catch((error: unknown) => {
        const settled = this.replies.count > 0;
        const next = options.asIs ? null : nextDialect(dialect, request, error, settled);
        if (next === null) throw error;
        tried = next;
        // What was taken before is given up only once that has helped: both arms would be sampled in another way.
        if (!settled) this.spoken.learn(next);
        return null;
      });
      if (reply === null) continue;
      this.spoken.learn(tried);
      if (!options.asIs) this.spoken.answered(request, dialect);
      return reply;
    }
  }

  private persist(request: ChatRequest, dialect: Dialect, options: CompleteOptions): Promise<Completion | Missing> {
    const { maxTokens } = request;
    // What the user adds wins over what the gate would send.
    const body = JSON.stringify({ model: this.endpoint.model, ...dialectFields(request, dialect), ...this.extraBody });
    return this.attempts.persist({ body, maxTokens, batch: JSON.stringify(this.extraBody.lora ?? null) }, options);
  }

  /** What the server does not want: with the first of its kind key and settings are at fault, later on this one request alone. */
  private async refused(
    fault: WireFault,
    request: ChatRequest,
    options: CompleteOptions,
  ): Promise<Completion | Missing> {
    const missing = policyOutcome(fault);
    if (missing) {
      this.replied(request);
      this.count(missing, {});
      return missing;
    }
    const outOfCredit = isOutOfCredit(fault);
    if (options.asIs && !outOfCredit) return refusedOne(fault, { ...request, endpoint: this.endpoint });
    if (!outOfCredit && !this.refusals.isNew(fault, request)) {
      return this.refusals.settle(fault, request, options.signal);
    }
    return options.again || outOfCredit || fault.words?.quotaUsedUp
      ? this.explain(fault, request)
      : this.complete(request, { ...options, again: true });
  }

  /** Puts a question that was answered before once more. */
  private repeat(known: ChatRequest, signal: AbortSignal | undefined): Promise<Completion | Missing> {
    return this.persist(known, this.spoken.now, { signal, maxRetries: PREFLIGHT_RETRIES, priority: AT_ONCE });
  }

  private explain(fault: WireFault, { maxTokens }: ChatRequest): Promise<Missing> {
    return explain(fault, { endpoint: this.endpoint, maxTokens, waited: this.attempts.waited }, (path) =>
      this.pages.names(path),
    );
  }

  /** @param before usable replies when the request began */
  private async givenUp(fault: WireFault, request: ChatRequest, before: number): Promise<Missing> {
    const said = fault.fault === 'timeout' ? this.attempts.waited : saidBy(fault, this.endpoint);
    this.ports.faults.lost(fault.fault, said);
    if (!this.replies.lost(before)) return this.explain(fault, request);
    if (fault.fault === 'no-choice') return { kind: 'missing', reason: 'no-answer', detail: NO_CHOICE };
    const detail = `The request failed after all retries (${[fault.fault, said].filter(Boolean).join(', ')}), while the model answers others.`;
    return { kind: 'missing', reason: 'transport', detail };
  }

  private replied(request: ChatRequest): void {
    this.refusals.answered(request);
    this.replies.usable();
    this.throttle.answered();
  }

  /** What a reply held, for the fault table: nothing of this is retried. */
  private count(reply: Completion | Missing, { brief }: CompleteOptions): void {
    const { role } = this.endpoint;
    const ofItsLength = (fault: Fault) => brief && (fault === 'cut' || fault === 'no-answer');
    for (const fault of outcomesOf(reply)) if (!ofItsLength(fault)) this.ports.faults.seen(fault, role);
  }
}

/** Waiting does not help, and asking again costs nobody anything. */
function isOutOfCredit({ status, words }: WireFault): boolean {
  return status === 402 || (words?.quotaUsedUp === true && (status === 429 || status === 200));
}

function outcomesOf(reply: Completion | Missing): readonly Fault[] {
  if (reply.kind === 'missing') {
    return reply.reason === 'filtered-prompt' || reply.reason === 'filtered-output' || reply.reason === 'no-answer'
      ? [reply.reason]
      : [];
  }
  return [...(reply.refused ? (['refusal-field'] as const) : []), ...(reply.truncated ? (['cut'] as const) : [])];
}
