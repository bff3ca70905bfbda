/** What a room may say while it works. The Action's version writes annotations, the terminal's plain lines; both make hostile text inert. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  /** Something the user should know of without failing: shown as an annotation on GitHub. */
  notice(message: string): void;
  warning(message: string): void;
  error(message: string): void;
}

/** One snapshot of how far a gate is, for the live line. */
export interface Progress {
  /** Answers had so far, also those that are not judged yet or whose block is not complete. */
  readonly candidateAnswers: number;
  readonly baselineAnswers: number;
  /** Of both models' answers. */
  readonly judgedAnswers: number;
  /** Sent so far to models and judge; 0 where all is recorded or embedded. */
  readonly requests: number;
  readonly block: number;
  readonly maxBlocks: number;
  /** Seconds since the gate's first request. */
  readonly elapsedSeconds: number;
  /**
   * Seconds until a pass: at least, if nothing speaks against it any more, and at most, if all goes on as it has, within the
   * limit on answers. Null before the first block is measured, without the prospect of a pass, or when the evidence leans to fail.
   */
  readonly secondsLeft: { readonly least: number; readonly most: number } | null;
  /** "leaning pass", "leaning fail", "open": how the evidence stands. */
  readonly leaning: string;
  /** Why nothing is sent at present, where an endpoint asked for a pause. */
  readonly waiting: string | null;
}

export type ProgressListener = (progress: Progress) => void;

/** Time as a parameter, so that tests hold the clock. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export const silentLogger: Logger = { debug() {}, info() {}, notice() {}, warning() {}, error() {} };
