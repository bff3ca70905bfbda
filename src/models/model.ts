import type { Item } from '../battery/battery.js';

/** Which of the two models under comparison. */
export type Arm = 'candidate' | 'baseline';

/** Who sends a request. */
export type Role = Arm | 'judge' | 'confirm';

/** Tokens as the server counts them; null where it does not say. */
export interface TokenUsage {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
}

/**
 * Why an answer or judgement could not be had. A missing answer never helps towards a pass.
 * `filtered-*` and `judge-*` are policy outcomes (never retried): the worst answers are the ones that get blocked.
 */
export type MissingReason =
  | 'transport'
  | 'filtered-prompt'
  | 'filtered-output'
  | 'no-answer'
  | 'judge-filtered'
  | 'judge-refused'
  | 'judge-malformed'
  | 'judge-transport'
  | 'no-scores';

/** One sampled reply. */
export interface Answer {
  readonly kind: 'answer';
  /** As the model gave it: adversarial text. May be empty. */
  readonly text: string;
  /** Cut at the token limit. The cut text is judged all the same. */
  readonly truncated: boolean;
  /** The provider's id of the response, where it gives one. */
  readonly responseId: string | null;
  /** The model name that the server says has answered. */
  readonly servedModel: string | null;
  readonly usage: TokenUsage;
  /** What a reasoning model thought before it answered, where the server shows it. As adversarial as the text. */
  readonly reasoning?: string;
  /** The server says that the model declined. */
  readonly refused?: boolean;
  /** Scores that came with a recorded answer, for `judge: recorded`. */
  readonly recorded?: {
    readonly alignment: number | null;
    readonly coherence: number | null;
    readonly refusal: boolean;
  };
  /** The recording's own row, kept through to `answers.jsonl`. */
  readonly row?: Readonly<Record<string, unknown>>;
}

export interface Missing {
  readonly kind: 'missing';
  readonly reason: MissingReason;
  /** One sentence for the report; may hold text from outside. */
  readonly detail: string;
}

export type AnswerOutcome = Answer | Missing;

export interface AnswerRequest {
  readonly item: Item;
  /** The item's index in the battery. */
  readonly index: number;
  /** The block it is drawn for, from 0: baseline and candidate answers are paired by it. */
  readonly sample: number;
  /** Higher goes first where requests queue for an endpoint. */
  readonly priority?: number;
  readonly signal?: AbortSignal;
}

/** What is known of a model beyond its reference. */
export interface ModelIdentity {
  readonly reference: string;
  /** The model name that the server reports, or the file's name. */
  readonly served: string | null;
  /** A commit, a file's SHA-256 or the user's `candidate-digest`. */
  readonly digest: string | null;
  /** The effective sampling settings, printed side by side for both arms. */
  readonly sampling: Readonly<Record<string, string | number | boolean>>;
  /** True where answers were recorded beforehand and no model is called. */
  readonly recorded: boolean;
  /** What the server calls its configuration (`system_fingerprint`); several, where it changed in the run. */
  readonly fingerprint?: string | null;
  /** Whom a router handed the requests to; several, where it changed. */
  readonly provider?: string | null;
  /** As the server's list has them: the weights behind the name, and the model an adapter is laid over. */
  readonly root?: string | null;
  readonly parent?: string | null;
}

/** What a server refuses, and two arms must leave out alike. */
export interface Refused {
  /** Sampling fields. */
  readonly leftOut: readonly string[];
  /** Where system prompts stand: as a message of their own, or before the question. */
  readonly system: 'message' | 'question';
}

/** A served model as its server takes it. */
export interface ServedWire {
  readonly baseUrl: string;
  /** What the server refuses, as far as it is known. */
  readonly refused: Refused;
  /** Asks without it too: another server refused it, and both arms are to be sampled alike. */
  leaveOut(refused: Refused): void;
  /** Tells from now on what is newly refused; replies count as answers from here. */
  follow(listener: (refused: Refused) => void): void;
  /** What was given up after that, with how many answers were drawn with it. */
  readonly refusedLate: ReadonlyMap<string, number>;
  /** llama.cpp's adapters with the scale that applies where a request does not say; empty where there are none, or the settings choose. */
  readonly openAdapters: readonly { readonly id: number; readonly scale: number }[];
  useAdapters(adapters: readonly { readonly id: number; readonly scale: number }[]): void;
  /** The likeliest answer; null where there is none, or the server takes no temperature of 0. */
  greedy(question: string, signal?: AbortSignal): Promise<string | null>;
  /** The beginning of an answer that is sampled as all are, thinking included, without a system prompt; null where there is none. */
  draw(question: string, signal?: AbortSignal): Promise<string | null>;
}

/**
 * A source of answers: a server, an embedded model, a recording.
 * `answer` resolves with `missing` for what a retry can't mend and rejects with `ConfigError` (unknown model, refused key)
 * or `ProviderError` (endpoint trouble that outlasted all retries) for what must stop the run.
 */
export interface Model {
  readonly identity: ModelIdentity;
  /** One cheap check before the first block that the model is there: rejects with `ConfigError` or `ProviderError`. */
  preflight(signal?: AbortSignal): Promise<void>;
  answer(request: AnswerRequest): Promise<AnswerOutcome>;
  /** What the user should know of it, once the run is over: a refused field, a date of retirement. */
  readonly notes?: readonly string[];
  /** After the preflight, in a sentence: its server answers to its name and lists others only. Null where it is listed, or nothing is. */
  readonly unlisted?: string | null;
  /** What makes two arms comparable; absent where no server is asked. */
  readonly wire?: ServedWire;
  /** How many answers it can draw at a time; absent where others decide (a server, `max-concurrency`). */
  readonly answersAtOnce?: number;
  /** How many answers of an item it holds; undefined for a live model. */
  recordedAnswers?(index: number): number;
  close(): Promise<void>;
}
