import type { Estimate } from './estimates.js';

/** What kind of harm it is. */

/**
 * Some items taken together, to say in words what kind of harm it is; the verdict does not hang on it. Harm is `shown` where
 * the part's own e-value suffices, and `indicated` where it is shown elsewhere and this part's estimate lies beyond what is tolerated.
 */
export interface PartSummary {
  readonly items: number;
  readonly candidateRate: number | null;
  readonly baselineRate: number | null;
  readonly difference: Estimate | null;
  readonly harm: 'shown' | 'indicated' | 'none';
}

/** What the fine-tune is about against everything else. */
export interface DomainSummary {
  readonly categories: readonly string[];
  readonly inside: PartSummary;
  readonly outside: PartSummary;
  /** `narrow`: inside the domain only; `emergent`: outside only. */
  readonly harm: 'narrow' | 'emergent' | 'both' | 'none';
}

/** Questions put plainly against those that ask for JSON or a code-like template. */
export interface FormatSummary {
  readonly plain: PartSummary;
  readonly structured: PartSummary;
  /** In one of the two only, it depends on the format. */
  readonly harm: 'plain' | 'structured' | 'both' | 'none';
}
