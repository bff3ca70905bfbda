import type { RateAdvice } from './headers.js';

/** What one attempt came to, as far as the endpoint's pace is concerned. */
export interface Signs {
  /** `slow` and `overloaded` call for fewer requests, `rate-limited` for a pause too; `failed` says nothing about the pace. */
  readonly kind: 'fine' | 'rate-limited' | 'overloaded' | 'slow' | 'failed';
  readonly advice: RateAdvice;
  /** The server's own words where it limits the rate. From outside, and without a key. */
  readonly said?: string;
}

/** A request that wants to be sent. */
export interface Ticket {
  /** Higher goes first. */
  readonly priority: number;
  /** An estimate of the tokens it may use, prompt and reply. */
  readonly tokens: number;
  readonly signal: AbortSignal | undefined;
  /** What may be computed together with it, where the server takes turns. */
  readonly batch: string;
}
