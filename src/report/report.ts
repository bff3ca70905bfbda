import type { JudgeFitness, JudgeIdentity, JudgeThresholds } from '../judge/judge.js';
import type { Arm, MissingReason, ModelIdentity, TokenUsage } from '../models/model.js';
import type { Role } from '../models/request-budget.js';
import type { FaultRow } from '../models/served/failures/fault-counts.js';
import type { EndpointPace } from '../models/served/rate-limit/limiter.js';
import type { Estimate, Interval, Reason, VerdictName, VerdictSummary } from '../verdict/verdict.js';

/** Where a setting's value came from. */
export type SettingSource = 'input' | 'flag' | 'file' | 'default' | 'environment' | 'demo';

export interface EffectiveSetting {
  readonly name: string;
  /** As shown; secrets never stand here. */
  readonly value: string;
  readonly source: SettingSource;
}

/** One of the worst answers, for the eyes of a reviewer. All texts are hostile. */
export interface Excerpt {
  readonly arm: Arm;
  readonly probe: string;
  readonly variant: string;
  readonly category: string;
  readonly question: string;
  readonly answer: string;
  readonly alignment: number;
  readonly coherence: number;
  readonly reason: string;
}

/** What one role took. */
export interface RoleUsage {
  readonly requests: number;
  readonly costUsd: number | null;
  /**
   * Completion tokens a second in this attempt, while at least one request was in flight; of the embedded judge, which generates
   * none, the prompt's. Null where there were none.
   */
  readonly tokensPerSecond: number | null;
}

export interface Usage {
  /** Requests sent, by role; recorded and embedded models send none. */
  readonly requests: number;
  /** Requests whose reply never came: nobody knows what they took, and no sum holds it. */
  readonly uncounted: number;
  readonly tokens: Readonly<Record<Role, TokenUsage>>;
  readonly models: Readonly<Record<Role, RoleUsage>>;
  /** USD; null when a price is unknown, or a server does not count. */
  readonly costUsd: number | null;
}

/** What became of the label that overrides a fail. */
export interface Override {
  readonly label: string;
  /** Whose account put it on; null where GitHub doesn't say. */
  readonly by: string | null;
  /** When, by GitHub's clock; null where it doesn't say. */
  readonly at: string | null;
  readonly honoured: boolean;
  /** Why it was not honoured; null when it was. */
  readonly why: string | null;
}

/** One run of this gate, as the trend shows it. */
export interface TrendRow {
  readonly runId: number;
  readonly finishedAt: string;
  readonly verdict: VerdictName;
  /** The candidate's reference; it, its rate and the difference are null where nothing was measured. */
  readonly candidate: string | null;
  readonly rate: Estimate | null;
  readonly difference: Estimate | null;
}

/** This run's candidate against an earlier measurement; the interval is of the difference, now less then, at 95 %. */
export interface DriftComparison extends Interval {
  readonly against: 'last-accepted' | 'anchor';
  /** The model that was measured then. */
  readonly model: string;
  readonly runId: number;
  readonly finishedAt: string;
  /** Pairs of answers compared. */
  readonly pairs: number;
  readonly estimate: number | null;
  /** "Shown" means: beyond `tolerance`, with a chance of error of at most `alpha`. */
  readonly tolerance: number;
  readonly alpha: number;
  readonly shown: boolean;
}

/** What the history branch says about this run. */
export interface ReportHistory {
  readonly branch: string;
  /** Oldest first, this run last. */
  readonly rows: readonly TrendRow[];
  readonly drift: readonly DriftComparison[];
  /** What could not be compared or read, and a schedule that stands still. */
  readonly notes: readonly string[];
}

/** What tells an answers.jsonl from another. */
export interface AnswersFileMark {
  readonly rows: number;
  /** Of the whole file, in hexadecimal digits. */
  readonly sha256: string;
}

/** The one report model under every format: what `report.json` holds (schemas/report.schema.json). */
export interface Report {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: 'misalignment-gate'; readonly version: string };
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly verdict: VerdictName;
  /** Worst first. */
  readonly reasons: readonly Reason[];
  /** One sentence that says the verdict with its numbers. */
  readonly headline: string;
  readonly candidate: ModelIdentity | null;
  readonly baseline: ModelIdentity | null;
  readonly judge:
    | (JudgeIdentity & {
        /** Whose judgement of flagged answers is final; null where nobody confirms. */
        readonly confirm: JudgeIdentity | null;
        readonly thresholds: JudgeThresholds;
        readonly fitness: JudgeFitness | null;
        /** What must be known of a judge that was not tested; null of one that was. Absent in reports of earlier versions. */
        readonly caveat?: string | null;
      })
    | null;
  readonly battery: {
    readonly name: string;
    readonly version: string;
    readonly hash: string;
    readonly probes: number;
    readonly variants: readonly string[];
    readonly items: number;
  } | null;
  /** Null when nothing was sampled (skipped, configuration error). */
  readonly statistics: VerdictSummary | null;
  readonly missing: Readonly<Record<Arm, Readonly<Partial<Record<MissingReason, number>>>>>;
  readonly usage: Usage;
  /** What happened on the wire; null where nothing was sent. */
  readonly network: {
    readonly faults: readonly FaultRow[];
    readonly endpoints: readonly EndpointPace[];
    /** How many were made to servers. */
    readonly connections?: number;
  } | null;
  /** The answers.jsonl that belongs to it, as it was when the report was made; absent where none was written. */
  readonly answersFile?: AnswersFileMark;
  readonly settings: readonly EffectiveSetting[];
  /** Caveats that belong beside the verdict: judge not tested, candidate recorded by the PR, cost unknown … */
  readonly notes: readonly string[];
  readonly excerpts: readonly Excerpt[];
  /** Absent where no history is kept. */
  readonly history?: ReportHistory;
  /** The exact CLI command that repeats this run. */
  readonly reproduce: string | null;
  /** What became of the label that overrides a fail; null where the pull request has none. */
  readonly override: Override | null;
  /** Where it ran, on GitHub; null elsewhere. */
  readonly run: {
    readonly repository: string;
    readonly event: string;
    readonly headSha: string;
    readonly runId: number;
    readonly runAttempt: number;
    /** Which job, with those that called it, and which of its steps. Absent in reports of earlier versions. */
    readonly job?: string;
    readonly step?: string;
    readonly url: string;
  } | null;
}

/** One line of `answers.jsonl`: the recorded-answers form, so that a run can be replayed. */
export interface AnswerRow {
  readonly arm: Arm;
  readonly question_id: string;
  readonly question: string;
  readonly variant: string;
  readonly category: string;
  readonly sample: number;
  readonly answer: string;
  readonly alignment: number | null;
  readonly coherence: number | null;
  readonly refusal: boolean | null;
  readonly reason: string;
  readonly missing: MissingReason | null;
  readonly truncated: boolean;
  /** Columns of a recording that are not ours. */
  readonly [other: string]: unknown;
}
