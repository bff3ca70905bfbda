import { isServed } from '../config/sections/endpoints.js';
import { priceOf } from '../config/sections/price-settings.js';
import type { Settings } from '../config/settings.js';
import type { Tariff } from './spending.js';

/** What each role's tokens cost, by the setting `prices`. Embedded models and recordings are free. */
export function tariffOf({ candidate, baseline, judge, prices }: Settings): Tariff {
  const of = (reference: string) => (isServed(reference) ? priceOf(reference, prices) : 'free');
  return {
    candidate: of(candidate.reference),
    baseline: of(baseline.reference),
    judge: of(judge.reference),
    confirm: judge.confirm === null ? 'free' : of(judge.confirm.reference),
  };
}
