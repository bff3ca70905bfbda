import {
  blockedGuard,
  bySeverity,
  type DifferenceGuard,
  type DifferenceWatch,
  emptyGuard,
  type GuardState,
  incoherentGuard,
  refusalsGuard,
  tooFewItemsGuard,
  truncatedGuard,
  unjudgedGuard,
} from './guards.js';
import type { FailEvidence, LevelCounts, Standing } from './standing.js';
import type { ArmTally } from './tally.js';
import type { BlockLimit, Threshold } from './thresholds.js';
import type { GuardFinding, ItemKey, JudgeError, Reading, Rereading, VerdictSettings } from './verdict.js';

/** What the engine runs with. */
export interface EngineConfig {
  readonly settings: VerdictSettings;
  readonly judgeError: JudgeError;
  /** Ceiling on candidate answers; null for the battery's own. */
  readonly maxAnswers: number | null;
  /** Whether candidate and baseline are meant to be one model: the guard against that then only warns. */
  readonly expectSameModel: boolean;
  /** Categories that the fine-tune is about; none where nobody said. */
  readonly domain?: readonly string[];
  /** Under which other readings of the scores the verdict is recomputed. */
  readonly readings?: readonly Reading[];
}

/** One look at a running engine: everything that reasons, guards and summary are made from. */
export interface EngineView {
  readonly config: EngineConfig;
  readonly items: readonly ItemKey[];
  readonly limit: BlockLimit;
  /** Finished blocks. */
  readonly blocks: number;
  readonly threshold: Threshold;
  readonly evidence: FailEvidence;
  /** Whether that evidence suffices for FAIL. */
  readonly harmShown: boolean;
  /** Whether every level was shown to lie below its margin. */
  readonly allShown: boolean;
  /** In the order of the levels: the battery first. */
  readonly standings: readonly Standing[];
  /** The counts of any items taken together. */
  readonly countsOf: (items: readonly number[]) => LevelCounts;
  readonly rereadings: readonly { compare(own: Rereading['verdict']): Rereading }[];
  /** Until the decision. */
  readonly tallies: Readonly<Record<'candidate' | 'baseline', ArmTally>>;
  /** With the answers that the decision did without: what rates are estimated from. */
  readonly everything: Readonly<Record<'candidate' | 'baseline', ArmTally>>;
  readonly watches: {
    readonly incoherent: DifferenceGuard;
    readonly refusals: DifferenceGuard;
    readonly blocked: DifferenceWatch;
  };
  /** What the outside found, one a code. */
  readonly findings: readonly GuardFinding[];
}

/** The guards that only answers decide. */
export function guardStates(view: EngineView): readonly GuardState[] {
  const { settings } = view.config;
  const { candidate, baseline } = view.tallies;
  const arms = { candidate: candidate.counts, baseline: baseline.counts };
  const maxUnjudged = settings.maxUnjudged === 'auto' ? view.threshold.margin / 4 : settings.maxUnjudged;
  return [
    incoherentGuard(view.watches.incoherent, arms),
    refusalsGuard(view.watches.refusals, arms),
    blockedGuard(view.watches.blocked, arms),
    unjudgedGuard(arms, maxUnjudged),
    tooFewItemsGuard(view.blocks, { candidate: candidate.unjudgedItems, baseline: baseline.unjudgedItems }),
    emptyGuard(arms, settings.maxEmpty),
    truncatedGuard(arms, settings.maxTruncated),
  ];
}

/**
 * All guards as the report shows them, worst first. One that is merely open counts as tripped once nothing else
 * stands in the way of a pass.
 */
export function guardFindings(view: EngineView): readonly GuardFinding[] {
  const inner = guardStates(view).map(({ code, state, warns, message }): GuardFinding => {
    const tripped = state === 'tripped' || (state === 'open' && view.allShown);
    return !tripped && warns
      ? { code, effect: 'warning', tripped: true, message }
      : { code, effect: 'no-pass', tripped, message };
  });
  return [...inner, ...view.findings].sort(bySeverity);
}
