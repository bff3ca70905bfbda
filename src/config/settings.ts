import type { JudgeThresholds } from '../judge/judge.js';
import type { EffectiveSetting } from '../report/report.js';
import type { VerdictSettings } from '../verdict/verdict.js';
import type { CANDIDATE_SCOPES, ProposedCandidate } from './candidate-file.js';

export const FAIL_ON = ['inconclusive', 'fail', 'never'] as const;
export const COMMENT_MODES = ['always', 'on-failure', 'never'] as const;
export const CONFIG_FROM = ['default-branch', 'base', 'workspace'] as const;
export const ON_MISSING_SECRETS = ['fail', 'skip'] as const;
export const EXCERPTS_IN = ['summary', 'comment'] as const;

/** Seconds that one reply of a server is waited for, and the setting that says so: `reply-timeout`, `models.judge.reply-timeout`. */
export interface ReplyTimeout {
  readonly seconds: number;
  readonly name: string;
}

export const DEFAULT_REPLY_TIMEOUT: ReplyTimeout = { seconds: 120, name: 'reply-timeout' };

/** How one served model is reached and sampled. Secrets stay in `apiKey` and are never shown. */
export interface EndpointSettings {
  /** Without a slash at its end; null for a model that is not served. */
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  /** What gave the key, or would have given it, for messages: `candidate-api-key`, `api-key`, `OPENAI_API_KEY`. */
  readonly apiKeyName: string;
  /** The setting that gave the URL: `judge-base-url`, `base-url`, `models.candidate.base-url`. */
  readonly baseUrlName: string;
  /** Azure's `api-version`, where the classic API with deployments is meant. */
  readonly apiVersion?: string | null;
  /** Absent for a model that is not served. */
  readonly replyTimeout?: ReplyTimeout;
}

export interface SamplingSettings {
  /** Above 0: at 0 every block would be the same. */
  readonly temperature: number;
  /** Tokens, at least 1. */
  readonly maxTokens: number;
  /** Orders the blocks; not sent to a served model. */
  readonly seed: number;
  /** System prompt; empty for none. */
  readonly system: string;
  /** Further fields of the request body (`lora`, `top_k` …). */
  readonly extraBody: Readonly<Record<string, unknown>>;
  /** For models that think before they answer: how hard (as the server words it), and tokens beside those of the answer. */
  readonly reasoning?: { readonly effort: string | null; readonly tokens: number };
}

export interface ModelSettings extends EndpointSettings {
  /** As the user wrote it: `openai:NAME`, `demo:base`, `replay:PATH` … */
  readonly reference: string;
  readonly sampling: SamplingSettings;
  readonly digest: string | null;
}

/** A served LLM whose judgement of flagged answers is final. */
export interface ConfirmSettings extends EndpointSettings {
  readonly reference: string;
  /** As in `JudgeSettings`. */
  readonly judgeReasoning?: boolean;
  readonly sampling: SamplingSettings;
}

export interface JudgeSettings extends EndpointSettings {
  /** An LLM's name, `embedded` or `recorded`. */
  readonly reference: string;
  readonly selfCheck: boolean;
  /** Whether what a reasoning model thought is judged with its answer. */
  readonly judgeReasoning?: boolean;
  readonly thresholds: JudgeThresholds;
  /** Floors for the one-sided 95 % lower bounds of the judge's test. */
  readonly minSensitivityBound: number;
  readonly minSpecificityBound: number;
  /** The older floors, for the shares themselves; null where nobody gave them. */
  readonly minSensitivity: number | null;
  readonly minSpecificity: number | null;
  /** What becomes of a pass by a judge that was not tested. */
  readonly untested: 'refuse' | 'accept';
  /** eta of verdict.md section 7. */
  readonly differentialError: number;
  /** Of recorded scores. `auto`: a range that another scale has is an error; `0-100`: it is right as it stands. */
  readonly scale: 'auto' | '0-100';
  readonly sampling: SamplingSettings;
  readonly confirm: ConfirmSettings | null;
}

/** USD a million tokens. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

/** Where runs are remembered, and how a run compares itself with earlier ones. */
export interface HistorySettings {
  /** Null where no history is kept. */
  readonly branch: string | null;
  /** The model whose first measurement on the branch every run is compared with; null: the first run's baseline. */
  readonly anchor: string | null;
  /** A schedule that has not run for longer is said to be stale. */
  readonly staleAfterDays: number;
}

/** Every setting after precedence (input or flag, then settings file, then default), typed and checked. */
export interface Settings {
  readonly candidate: ModelSettings;
  readonly baseline: ModelSettings;
  readonly judge: JudgeSettings;
  /** `quick`, `standard`, or a path. */
  readonly battery: string;
  readonly domain: readonly string[];
  readonly verdict: VerdictSettings;
  readonly failOn: (typeof FAIL_ON)[number];
  readonly onMissingSecrets: (typeof ON_MISSING_SECRETS)[number];
  readonly comment: (typeof COMMENT_MODES)[number];
  readonly commentKey: string | null;
  readonly matrixKey: string | null;
  readonly excerpts: number;
  readonly excerptsIn: (typeof EXCERPTS_IN)[number];
  readonly checkName: string | null;
  readonly overrideLabel: string;
  readonly expectSameModel: boolean;
  readonly history: HistorySettings;
  readonly issueOnFailure: boolean;
  readonly maxConcurrency: number;
  /** Ceiling on answers per model; null: the battery's own. */
  readonly maxAnswers: number | null;
  readonly maxCostUsd: number | null;
  readonly timeoutMinutes: number;
  /** Seconds; 0 asks at once. */
  readonly waitForEndpointSeconds: number;
  /** The longest that one reply of a server can make a run wait, whatever it asks for. */
  readonly maxWaitSeconds: number;
  readonly reportDir: string;
  /** Whether what earlier attempts left is taken up, and kept for later ones. */
  readonly resume: boolean;
  readonly stateDir: string;
  /** Null: an API key stands in. Never shown. */
  readonly stateKey: string | null;
  readonly prices: Readonly<Record<string, Price>>;
  /** What the report lists: every setting with its source, secrets left out. */
  readonly effective: readonly EffectiveSetting[];
  /** The settings file that was read; null where there was none. */
  readonly settingsFile: Pick<SettingsFile, 'path' | 'where'> | null;
  readonly candidateScope: (typeof CANDIDATE_SCOPES)[number];
  /** What a proposed name must match; null for the default. */
  readonly candidatePattern: RegExp | null;
  /** `candidate` names a file, which named the candidate. */
  readonly candidateFromFile: boolean;
  /** A hash over all that the file proposes; null where no file does. */
  readonly candidateIdentity: string | null;
}

/** The settings with what the report has to say about them: inputs that were overruled or have no effect yet. */
export interface ResolvedSettings extends Settings {
  readonly notes: readonly string[];
}

/** What one front end (Action inputs, CLI flags) was given. An empty string counts as not given. */
export interface GivenSettings {
  readonly values: Readonly<Record<string, string>>;
  readonly source: 'input' | 'flag';
}

/** The settings file as found. */
export interface SettingsFile {
  readonly text: string;
  readonly path: string;
  /** Where it was read: `default branch main`, `checkout`. */
  readonly where: string;
  /** Whether nobody's proposal can have written it: it is the default branch's, or lies on one's own machine. */
  readonly trusted?: boolean;
}

export interface ResolveRequest {
  readonly given: GivenSettings;
  /** Null when there is none. */
  readonly file: SettingsFile | null;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** On pull requests and merge groups what the file sets no input can override, but for what its `locked` leaves open. */
  readonly fileWins: boolean;
  /** What stands where `candidate: file:PATH#/pointer` points, once the front end has read it: the reference from then on. */
  readonly candidateFromFile?: ProposedCandidate;
}
