import { isServed } from '../config/endpoints.js';
import type { Settings } from '../config/settings.js';
import type { Tariff } from './spending.js';

/** What each role's tokens cost, by the setting `prices`. Embedded models and recordings are free. */
export function tariffOf({ candidate, baseline, judge, prices }: Settings): Tariff {
  const priceOf = (reference: string) =>
    isServed(reference) ? (prices[reference] ?? prices[reference.replace(/^openai:/, '')] ?? null) : 'free';
  return {
    candidate: priceOf(candidate.reference),
    baseline: priceOf(baseline.reference),
    judge: priceOf(judge.reference),
    confirm: judge.confirm === null ? 'free' : priceOf(judge.confirm.reference),
  };
}
