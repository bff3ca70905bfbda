import { VARIANTS, type Variant } from '../../battery/battery.js';
import { ConfigError } from '../../core/errors.js';
import type { Arm, MissingReason } from '../model.js';
import {
  type Columns,
  type Fail,
  isNoValue,
  nameOf,
  readFlag,
  readId,
  readScore,
  readText,
  show,
  wordOf,
} from './cells.js';
import type { SourceRow } from './csv.js';
import { TwiceGuard } from './duplicates.js';
import { readLines } from './rows.js';

/** One recorded answer: a row of the contract's "Recorded answers". */
export interface RecordedAnswer {
  /** Where the row begins in its file, from 1. */
  readonly line: number;
  readonly questionId: string;
  readonly question: string;
  readonly variant: Variant;
  /** Which of the question's answers it is, where the row says so: a number, or another tool's word. */
  readonly sample: string | null;
  readonly category: string | null;
  readonly answer: string;
  /** 0 to 100; null where it was not judged. */
  readonly alignment: number | null;
  readonly coherence: number | null;
  /** The columns that the scores stand in, for messages. */
  readonly scoreColumns: { readonly alignment: string; readonly coherence: string };
  /** Whether its judge saw a refusal in it. */
  readonly refusal: boolean;
  /** Which model gave it, in a file that holds both (`answers.jsonl`). */
  readonly arm: Arm | null;
  /** What stands there, for a message. */
  readonly armFound: string;
  /** Why the run that wrote the row had no answer or no judgement; null where it had both. */
  readonly missing: MissingReason | null;
  readonly truncated: boolean;
  /** The columns that are not named above, as they stood. */
  readonly row: Readonly<Record<string, unknown>>;
}

/** In any case; of several names for one thing the first that is there counts. */
const ALIASES = {
  questionId: ['question_id', 'probe'],
  question: ['question'],
  answer: ['answer'],
  alignment: ['alignment', 'aligned'],
  coherence: ['coherence', 'coherent'],
  refusal: ['refusal'],
  variant: ['variant'],
  category: ['category'],
  sample: ['sample'],
  arm: ['arm'],
  missing: ['missing'],
  truncated: ['truncated'],
} as const;

const OWN_COLUMNS: ReadonlySet<string> = new Set(Object.values(ALIASES).flat());

const MISSING_REASONS: Readonly<Record<MissingReason, true>> = {
  transport: true,
  'filtered-prompt': true,
  'filtered-output': true,
  'no-answer': true,
  'judge-filtered': true,
  'judge-refused': true,
  'judge-malformed': true,
  'judge-transport': true,
  'no-scores': true,
};

/**
 * Reads recorded answers, JSON Lines or CSV: by the file's ending, or else by its first character.
 * @param sourceName the file's name, for messages
 * @throws ConfigError naming file and line for every row that can't be read, and for a file without rows
 */
export async function parseRecordedAnswers(text: string, sourceName: string): Promise<readonly RecordedAnswer[]> {
  const answers: RecordedAnswer[] = [];
  const twice = new TwiceGuard(sourceName);
  for await (const row of readLines(text, sourceName, OWN_COLUMNS)) {
    const answer = readRow(row, sourceName);
    twice.check(answer);
    answers.push(answer);
  }
  refuseForeignArms(answers, sourceName);
  if (answers.length === 0) {
    throw new ConfigError(
      'recording.empty',
      `${sourceName}: there is no answer in it. Expected: one a row, JSON Lines or CSV`,
    );
  }
  return answers;
}

/** A run's `answers.jsonl` holds both models' answers: the rows of one. A file that does not tell them apart is one model's. */
export function answersOf(answers: readonly RecordedAnswer[], arm: Arm): readonly RecordedAnswer[] {
  const arms = new Set(answers.map((answer) => answer.arm));
  return arms.has('candidate') && arms.has('baseline') ? answers.filter((answer) => answer.arm === arm) : answers;
}

/** In a file of both models' answers, a row that names neither would be nobody's: dropped without a word. */
function refuseForeignArms(answers: readonly RecordedAnswer[], sourceName: string): void {
  const first = (arm: Arm | null) => answers.find((answer) => answer.arm === arm);
  const [candidate, baseline, foreign] = [first('candidate'), first('baseline'), first(null)];
  if (!candidate || !baseline || !foreign) return;
  throw new ConfigError(
    'recording.row',
    `${sourceName} line ${foreign.line}: arm is ${foreign.armFound}, but this file holds both models' answers (candidate on line ${candidate.line}, baseline on line ${baseline.line}): every row needs the arm candidate or baseline`,
  );
}

function readRow({ line, values, decimalComma = false }: SourceRow, sourceName: string): RecordedAnswer {
  const fail = (why: string): never => {
    throw new ConfigError('recording.row', `${sourceName} line ${line}: ${why}`);
  };
  const columns = byLowerCase(values, fail);
  const find = (names: readonly string[]): unknown => columns.get(names.find((name) => columns.has(name)) ?? '');
  const missing = readMissing(find(ALIASES.missing));
  return {
    line,
    questionId: readId(ALIASES.questionId, columns, fail),
    question: readText(ALIASES.question, columns, fail),
    variant: readVariant(find(ALIASES.variant), fail),
    sample: readSample(find(ALIASES.sample)),
    category: textOrNull(find(ALIASES.category)),
    answer: missing !== null && isNoValue(find(ALIASES.answer)) ? '' : readAnswer(columns, fail),
    alignment: readScore(ALIASES.alignment, columns, decimalComma, fail),
    coherence: readScore(ALIASES.coherence, columns, decimalComma, fail),
    scoreColumns: { alignment: nameOf(ALIASES.alignment, columns), coherence: nameOf(ALIASES.coherence, columns) },
    refusal: readFlag('refusal', columns, fail) || saysRefusal(columns),
    arm: readArm(find(ALIASES.arm)),
    armFound: show(find(ALIASES.arm)),
    missing,
    truncated: readFlag('truncated', columns, fail),
    row: Object.fromEntries(Object.entries(values).filter(([name]) => isForeign(name.trim().toLowerCase()))),
  };
}

/** A table's index, as pandas writes it: it says where a row stood, and nothing of it. */
const INDEX_COLUMN = /^(unnamed: \d+(\.\d+)*)?$/;

function isForeign(name: string): boolean {
  return !OWN_COLUMNS.has(name) && !INDEX_COLUMN.test(name);
}

function byLowerCase(values: Readonly<Record<string, unknown>>, fail: Fail): Columns {
  const columns = new Map<string, unknown>();
  for (const [name, value] of Object.entries(values)) {
    const key = name.trim().toLowerCase();
    if (INDEX_COLUMN.test(key)) continue;
    if (OWN_COLUMNS.has(key) && columns.has(key)) fail(`the column "${key}" is there twice`);
    columns.set(key, value);
  }
  return columns;
}

function readAnswer(columns: Columns, fail: Fail): string {
  const answer = columns.get('answer');
  if (answer !== null && !(typeof answer === 'number' && Number.isNaN(answer))) {
    return readText(ALIASES.answer, columns, fail);
  }
  return fail(
    'answer is null, not a text. Where the model gave none, say so by the column missing (no-answer, transport, filtered-output): the row then counts as missing; where it said nothing, write the empty text ""',
  );
}

/** As the literature's judges say it where a score should stand. */
function saysRefusal(columns: Columns): boolean {
  return [...ALIASES.alignment, ...ALIASES.coherence].some((name) => wordOf(columns.get(name)) === 'refusal');
}

function readVariant(value: unknown, fail: Fail): Variant {
  if (isNoValue(value)) return 'plain';
  const variant = VARIANTS.find((known) => known === value);
  return variant ?? fail(`variant ${show(value)} is none of ${VARIANTS.join(', ')}`);
}

function readSample(value: unknown): string | null {
  return isNoValue(value) ? null : typeof value === 'string' ? value.trim() : show(value);
}

/** Other tools may have columns `arm` and `missing` of their own: what is none of our words says nothing. */
function readArm(value: unknown): Arm | null {
  const word = typeof value === 'string' ? value.trim().toLowerCase() : null;
  return word === 'candidate' || word === 'baseline' ? word : null;
}

function readMissing(value: unknown): MissingReason | null {
  return typeof value === 'string' && Object.hasOwn(MISSING_REASONS, value) ? (value as MissingReason) : null;
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}
