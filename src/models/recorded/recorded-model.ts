import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { ConfigError, isKnownError } from '../../core/errors.js';
import { readUtf8File } from '../../core/files.js';
import type { AnswerOutcome, AnswerRequest, Arm, Model, ModelIdentity } from '../model.js';
import { recordedReasoning } from '../reasoning-fields.js';
import { answersOf, parseRecordedAnswers, type RecordedAnswer } from './answers.js';
import { type PairOptions, type RecordingPair, recordingPair } from './pairing.js';
import { refuseOtherScales } from './scale.js';

/** Where one arm's recorded answers are. */
export interface RecordingSource {
  /** As the user wrote it: `replay:runs/a.jsonl`. */
  readonly reference: string;
  readonly path: string;
  /** `candidate-digest`, where given; otherwise the file's SHA-256 stands for it. */
  readonly digest: string | null;
}

/** Both models of a replay and what they were asked. */
export interface Replay extends RecordingPair {
  /** Whether both models' answers are the very same rows of one file. */
  readonly isOneRecording: boolean;
  readonly models: Readonly<Record<Arm, Model>>;
}

export interface ReplayOptions extends PairOptions {
  /** Whether the recorded scores may lie in any range: somebody says that they are from 0 to 100. */
  readonly anyRange?: boolean;
  readonly readText?: (path: string, arm: Arm) => Promise<string>;
}

/**
 * Reads and pairs the recordings of both arms. One file may hold both (`answers.jsonl`).
 * @throws ConfigError naming the setting, file and line
 */
export async function openReplay(
  sources: Readonly<Record<Arm, RecordingSource>>,
  options: ReplayOptions,
): Promise<Replay> {
  const candidate = await readRecording(sources.candidate, 'candidate', options);
  const baseline = await readRecording(sources.baseline, 'baseline', options);
  if (options.scoresNeeded && !options.anyRange) {
    refuseOtherScales(
      { candidate: candidate.answers, baseline: baseline.answers },
      { candidate: sources.candidate.path, baseline: sources.baseline.path },
    );
  }
  const pair = recordingPair(candidate.answers, baseline.answers, options);
  return {
    ...pair,
    isOneRecording:
      resolve(sources.candidate.path) === resolve(sources.baseline.path) &&
      areSameRows(candidate.answers, baseline.answers),
    models: {
      candidate: new ReplayModel(identityOf(sources.candidate, candidate.sha256), pair.candidate),
      baseline: new ReplayModel(identityOf(sources.baseline, baseline.sha256), pair.baseline),
    },
  };
}

/** Of one file: a column `arm` would tell the models apart. */
function areSameRows(candidate: readonly RecordedAnswer[], baseline: readonly RecordedAnswer[]): boolean {
  return candidate.length === baseline.length && candidate.every(({ line }, at) => line === baseline[at]?.line);
}

async function readRecording({ path, reference }: RecordingSource, arm: Arm, { readText }: ReplayOptions) {
  const text = await (readText ?? readUtf8File)(path, arm).catch((error: unknown) => {
    if (error instanceof ConfigError) throw inSetting(arm, error);
    if (isKnownError(error)) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'recording.unreadable',
      `${arm}: ${reference} can't be read: ${why}. replay:PATH names a file of recorded answers, JSON Lines or CSV`,
      { cause: error },
    );
  });
  const answers = await parseRecordedAnswers(text, path).catch((error: unknown) => {
    throw error instanceof ConfigError ? inSetting(arm, error) : error;
  });
  return { answers: answersOf(answers, arm), sha256: createHash('sha256').update(text).digest('hex') };
}

/** A file's own complaint says where in it; the user has to know which setting named it, and what to do. */
function inSetting(arm: Arm, { code, message }: ConfigError): ConfigError {
  const mend = code === 'recording.row' ? '. Mend that row: none is skipped' : '';
  return new ConfigError(code, `${arm}: ${message}${mend}`);
}

function identityOf({ reference, digest }: RecordingSource, sha256: string): ModelIdentity {
  return { reference, served: null, digest: digest ?? sha256, sampling: {}, recorded: true };
}

const NO_USAGE = { promptTokens: null, completionTokens: null };

/** Answers that were given before: the answer of block `sample` is the item's row at that place. */
class ReplayModel implements Model {
  constructor(
    readonly identity: ModelIdentity,
    private readonly answers: readonly (readonly RecordedAnswer[])[],
  ) {}

  async preflight(): Promise<void> {}

  async answer({ index, sample }: AnswerRequest): Promise<AnswerOutcome> {
    const recorded = this.answers[index]?.[sample];
    if (recorded === undefined) {
      return {
        kind: 'missing',
        reason: 'no-answer',
        detail: 'The recording holds no further answer to this question.',
      };
    }
    const { missing, answer: text, truncated, alignment, coherence, refusal, row } = recorded;
    // Without a judgement there still is an answer: the judge says what it makes of it.
    if (missing !== null && !missing.startsWith('judge-') && missing !== 'no-scores') {
      return { kind: 'missing', reason: missing, detail: `Recorded as missing (line ${recorded.line}).` };
    }
    return {
      kind: 'answer',
      text,
      truncated,
      responseId: null,
      servedModel: null,
      usage: NO_USAGE,
      ...recordedReasoning(row),
      recorded: { alignment, coherence, refusal },
      row: missing === null ? row : { ...row, missing },
    };
  }

  recordedAnswers(index: number): number {
    return this.answers[index]?.length ?? 0;
  }

  async close(): Promise<void> {}
}
