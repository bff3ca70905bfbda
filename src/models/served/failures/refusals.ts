import { ProviderError } from '../../../core/errors.js';
import type { Missing } from '../../model.js';
import type { ChatRequest } from '../dialect.js';
import type { Endpoint } from '../endpoint.js';
import type { Replies } from '../liveness.js';
import { contextAdvice, isAboutContext, tokenSetting } from './context-size.js';
import { type Asked, about, policyOutcome, saidBy, saying, wordsOf } from './explain-failure.js';
import type { FaultCounts } from './fault-counts.js';
import { WireFault } from './request-failure.js';
import { StillAnswers } from './still-answers.js';

/** Puts a question that was answered before once more. */
type Repeat = (known: ChatRequest, signal: AbortSignal | undefined) => Promise<unknown>;

/**
 * What a server refuses after it has answered this model with this key, whatever its status and words: one request that is
 * missing, and the endpoint's trouble once it stays. No key and no setting is at fault that was good before.
 */
export class Refusals {
  readonly #still = new StillAnswers((signal) => this.#repeatKnown(signal));
  #known: ChatRequest | null = null;
  /** The most tokens that an answered request asked for. */
  #longest = 0;

  constructor(
    private readonly endpoint: Endpoint,
    private readonly faults: FaultCounts,
    private readonly replies: Replies,
    private readonly repeat: Repeat,
  ) {}

  answered(request: ChatRequest): void {
    this.#known ??= request;
    this.#longest = Math.max(this.#longest, request.maxTokens);
  }

  /** Whether nothing like it was ever answered: nothing at all, or nothing so long. Key and settings may be wrong then. */
  isNew({ words }: WireFault, { maxTokens }: ChatRequest): boolean {
    const tooLong = words !== null && isAboutContext(words);
    return this.replies.count === 0 || (tooLong && maxTokens > this.#longest);
  }

  /** @throws ProviderError when the server refuses what it answered before, too, or more than a tenth of all */
  async settle(fault: WireFault, { maxTokens }: ChatRequest, signal: AbortSignal | undefined): Promise<Missing> {
    const { endpoint, replies, faults } = this;
    const asked = { endpoint, maxTokens };
    faults.seen('refused', endpoint.role);
    const answers = await this.#still.now(signal);
    // A known question came between: only how many there are can tell of trouble.
    const alone = replies.lost(Number.NEGATIVE_INFINITY);
    if (!answers) throw refusesNow(fault, asked, 'what it answered before too, three times in a row', this.#longest);
    faults.lost('refused', saidBy(fault, endpoint));
    if (alone) return refusedOne(fault, asked);
    throw refusesNow(
      fault,
      asked,
      `${replies.lostSoFar} of ${replies.count + replies.lostSoFar} requests`,
      this.#longest,
    );
  }

  async #repeatKnown(signal: AbortSignal | undefined): Promise<boolean> {
    if (this.#known === null) return true;
    try {
      await this.repeat(this.#known, signal);
      return true;
    } catch (error) {
      if (signal?.aborted || !(error instanceof WireFault)) throw error;
      return policyOutcome(error) !== null;
    }
  }
}

/** What a server that has answered this model with this key says of one request that it refuses. */
export function refusedOne(fault: WireFault, { endpoint, maxTokens }: Asked): Missing {
  const words = wordsOf(fault, endpoint);
  const advice = isAboutContext(words) ? ` ${contextAdvice(endpoint, maxTokens)}.` : '';
  const detail = `The server refused the request (${saying(fault.status, words)}), while it answers others.${advice}`;
  return { kind: 'missing', reason: 'transport', detail };
}

/** @param often what it refuses, in words */
function refusesNow(fault: WireFault, asked: Asked, often: string, longest: number): ProviderError {
  const { endpoint } = asked;
  const said = saying(fault.status, wordsOf(fault, endpoint));
  return new ProviderError(
    'endpoint.keeps-refusing',
    `${about(endpoint)}: answered before, and now refuses ${often} (${said}). ${whatToLookAt(fault, asked, longest)}Look at the server's log, then run again`,
    { cause: fault },
  );
}

function whatToLookAt(fault: WireFault, { endpoint, maxTokens }: Asked, longest: number): string {
  if (isAboutContext(wordsOf(fault, endpoint))) return `${contextAdvice(endpoint, maxTokens)}. `;
  if (fault.status === 401 || fault.status === 403) return 'Was the key changed or used up meanwhile? ';
  // By what it does, where it does not say why.
  return maxTokens > longest
    ? `None of its answers was to a request for as many tokens: does ${tokenSetting(endpoint)} (${maxTokens}) fit its context? `
    : '';
}
