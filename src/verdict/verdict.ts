/** The nouns of the verdict room. See docs/statistics.md. Everything here is data; nothing here does I/O. */

import type { DomainSummary, FormatSummary } from './contrast-summary.js';
import type { Estimate, Interval } from './estimates.js';

export type { DomainSummary, FormatSummary, PartSummary } from './contrast-summary.js';
export type { Estimate, Interval } from './estimates.js';
export { VERDICT_DEFAULTS, type VerdictSettings } from './test-settings.js';

export type VerdictName = 'pass' | 'fail' | 'inconclusive' | 'skipped' | 'bypassed';

/** Why a verdict is what it is. `code` is stable (`misaligned`, `incoherent`, `block-limit` …), `message` is for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

export type LevelKind = 'battery' | 'category' | 'variant' | 'probe';

/** What the statistics need to know of an item. */
export interface ItemKey {
  readonly probe: string;
  readonly category: string;
  readonly variant: string;
}

/** Where the judge's scores, 0 to 100 each, turn into a label. */
export interface Reading {
  /** An answer is misaligned when its alignment lies below this … */
  readonly misalignedBelow: number;
  /** … and its coherence above this; null where coherence does not matter. */
  readonly coherentAbove: number | null;
}

/** What became of one answer. `blocked`: a filter or the judge refused it. */
export type Observation =
  | {
      readonly kind: 'judged';
      readonly misaligned: boolean;
      /** Whether it is misaligned under each of the engine's other readings, in their order. */
      readonly readings?: readonly boolean[];
      /** Whether its alignment lies below the second line; absent where that is not known apart from `misaligned`. */
      readonly questionable?: boolean;
      readonly incoherent: boolean;
      /** Misaligned but for its coherence: harm that a judge reads as incoherent. Not given counts as false. */
      readonly incoherentHarm?: boolean;
      readonly refusal: boolean;
      readonly empty: boolean;
      readonly truncated: boolean;
    }
  | {
      readonly kind: 'missing';
      readonly blocked: boolean;
      /** Known to be one all the same: a recording says so in place of a score. */
      readonly refusal?: boolean;
    };

/** What the judge's test says (verdict.md, section 7): PASS tests at J_lo h - eta. */
export interface JudgeError {
  /** Lower bound of Youden's index, in (0, 1]; 1 when the judge was not tested. */
  readonly youdenLower: number;
  /** eta: assumed bound on the difference of the false-positive rates between the arms. */
  readonly differential: number;
  /** Lower bound of the specificity; absent when the judge was not tested. */
  readonly specificityLower?: number;
  /** The same at the second line; absent where it was not measured apart: then as at the first. */
  readonly secondLine?: { readonly youdenLower: number; readonly specificityLower?: number };
}

export type GuardEffect = 'no-verdict' | 'no-pass' | 'warning';

export type GuardCode =
  | 'judge-unfit'
  | 'judge-untested'
  | 'answers-replayed'
  | 'baseline-drift'
  | 'drift'
  | 'baseline-misaligned'
  | 'incoherent'
  | 'incoherent-harm'
  | 'refusals'
  | 'bursts'
  | 'blocked-unequally'
  | 'unjudged'
  | 'too-few-items'
  | 'questions-dropped'
  | 'empty'
  | 'truncated'
  | 'same-model'
  | 'other-model'
  | 'thinking-unjudged';

/** One guard and how it stands. */
export interface GuardFinding {
  readonly code: GuardCode;
  readonly effect: GuardEffect;
  readonly tripped: boolean;
  /**
   * How more answers may yet clear what tripped: by showing what was merely not shown so far, as they would at the present
   * rates, or by making a share smaller. Absent where it tripped for good.
   */
  readonly clears?: 'when-shown' | 'when-rarer';
  readonly message: string;
}

/** A decision of the sequential test itself, before guards that only the outside knows. */
export interface Decision {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  readonly reasons: readonly Reason[];
}

export interface ArmCounts {
  /** Answers asked for and settled (judged or missing). */
  readonly answers: number;
  readonly judged: number;
  readonly missing: number;
  readonly blocked: number;
  readonly misaligned: number;
  /** Below the second line, the misaligned ones included. */
  readonly questionable: number;
  readonly incoherent: number;
  readonly incoherentHarm: number;
  readonly refusals: number;
  readonly empty: number;
  readonly truncated: number;
}

/** Which of the two lines between good and bad alignment scores, by what lies below it. */
export type Line = 'misaligned' | 'questionable';

/** One category or variant. */
export interface GroupSummary {
  readonly family: 'category' | 'variant';
  readonly name: string;
  readonly items: number;
  readonly candidateRate: number | null;
  readonly baselineRate: number | null;
  readonly difference: Estimate | null;
  readonly margin: number;
  readonly tolerance: number;
  /** Natural logs of the e-values against "tolerated" (fail) and "at the margin" (pass). */
  readonly logEFail: number;
  readonly logEPass: number;
  readonly shownBelowMargin: boolean;
  /** Named after a FAIL: e-value beyond (number in family) / alpha. */
  readonly named: boolean;
  /** Found by e-BH at q = 0.10. */
  readonly suspect: boolean;
}

export interface ProbeSummary extends Omit<GroupSummary, 'family' | 'difference'> {
  readonly category: string;
}

/** The verdict again under another reading of the same answers; guards are left aside. */
export interface Rereading extends Reading {
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
  /** Whether it is, or leans to, what the run's own reading gave. */
  readonly agrees: boolean;
  readonly candidateRate: number | null;
  readonly baselineRate: number | null;
}

/** Does the verdict hang on where the line between misaligned and not is drawn? */
export interface Sensitivity {
  /** Every reading agrees. */
  readonly firm: boolean;
  readonly readings: readonly Rereading[];
}

/**
 * The dual of a FAIL: somewhere, some level shows at least so much harm. One number for all levels, because FAIL rejects that
 * *every* level is within what it is allowed.
 */
export interface HarmShown {
  /** The largest number that all tolerances could be multiplied by and still be rejected; null where that says nothing. */
  readonly factor: number | null;
  /** The largest difference that could be added to all tolerances; where the factor says nothing (a tolerance of 0, or eta). */
  readonly shift: number | null;
  /** Where the evidence is strongest: line, kind of level, and its name (empty for the battery). */
  readonly line: Line;
  readonly level: LevelKind;
  readonly name: string;
}

/** How the battery and its groups stand at the second line. */
export interface SecondLineSummary {
  /** Alignment below this is questionable. */
  readonly below: number;
  readonly candidateRate: Estimate | null;
  readonly baselineRate: Estimate | null;
  readonly difference: Estimate | null;
  readonly verdictBounds: Interval;
  readonly margin: number;
  readonly tolerance: number;
  readonly logEFail: number;
  readonly logEPass: number;
  readonly shownBelowMargin: boolean;
  readonly groups: readonly GroupSummary[];
}

/** Everything the report says about the numbers. Rates are means over items of each item's rate among judged answers. */
export interface VerdictSummary {
  readonly blocks: number;
  readonly maxBlocks: number;
  /** Candidate answers used until the decision. */
  readonly answers: number;
  readonly counts: Readonly<Record<'candidate' | 'baseline', ArmCounts>>;
  readonly candidateRate: Estimate | null;
  readonly baselineRate: Estimate | null;
  readonly difference: Estimate | null;
  /** The literature's figure: misaligned among coherent answers. */
  readonly candidateRateAmongCoherent: number | null;
  readonly baselineRateAmongCoherent: number | null;
  /**
   * Bounds of the battery's difference at the verdict's own error rates: the FAIL side at alpha x its weight; the PASS side is the
   * smallest upper bound at any block end, on the scale of true harm.
   */
  readonly verdictBounds: Interval;
  /** What a FAIL shows, and where; null where harm was not shown. */
  readonly harmShown: HarmShown | null;
  /** Null without a second line. */
  readonly secondLine: SecondLineSummary | null;
  /** Between which rates the baseline's certainly lies: what an automatic margin follows. */
  readonly baselineBounds: Interval;
  /** What an automatic margin would be if the baseline's rate were as estimated; null where the margin is set, or nothing is known. */
  readonly marginAtEstimate: number | null;
  readonly margin: number;
  readonly tolerance: number;
  readonly alpha: number;
  readonly beta: number;
  readonly judgeError: JudgeError;
  readonly logEFail: number;
  readonly logEPass: number;
  readonly groups: readonly GroupSummary[];
  readonly probes: readonly ProbeSummary[];
  /** Null without the setting `domain`, or where it covers the whole battery. */
  readonly domain: DomainSummary | null;
  /** Null where the battery has no plain items, or none that ask for a format. */
  readonly format: FormatSummary | null;
  /** Null where the scores are not known to the engine. */
  readonly sensitivity: Sensitivity | null;
  readonly guards: readonly GuardFinding[];
  /** Further candidate answers expected until a pass at the present rates; null when none can be expected. */
  readonly expectedFurtherAnswers: number | null;
}
