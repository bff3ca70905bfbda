import type { Item } from '../battery/battery.js';
import { ConfigError } from '../errors.js';
import type { Arm } from './model.js';
import type { RecordedAnswer } from './recorded-answers.js';

/** Two recordings, brought together: what they share is the battery (verdict.md, section 0). */
export interface RecordingPair {
  /** The shared questions, in the candidate's file order. */
  readonly items: readonly Item[];
  /** By item, in file order: the answers at one place in both lists are a pair. */
  readonly candidate: readonly (readonly RecordedAnswer[])[];
  readonly baseline: readonly (readonly RecordedAnswer[])[];
  readonly dropped: readonly DroppedQuestion[];
  /** Rows that no pair was found for, those of dropped questions included. */
  readonly unpaired: Readonly<Record<Arm, number>>;
  /** How many blocks have a pair for every item. */
  readonly blocks: number;
}

/** A question that can't be compared: it stops a pass. */
export interface DroppedQuestion {
  /** `ID`, or `ID/VARIANT`. */
  readonly name: string;
  /** `only in the candidate's recording` … */
  readonly why: string;
}

type Groups = ReadonlyMap<string, readonly [RecordedAnswer, ...RecordedAnswer[]]>;

/**
 * Pairs two recordings question by question.
 * @param scoresNeeded whether the recorded scores are the judgements (`judge: recorded`): then a question without a judged row
 *   in one of the two is dropped
 * @throws ConfigError when they share no question
 */
export function recordingPair(
  candidateRows: readonly RecordedAnswer[],
  baselineRows: readonly RecordedAnswer[],
  { scoresNeeded }: { readonly scoresNeeded: boolean },
): RecordingPair {
  const arms = { candidate: group(candidateRows), baseline: group(baselineRows) };
  const keys = [...new Set([...arms.candidate.keys(), ...arms.baseline.keys()])];
  const dropped: DroppedQuestion[] = [];
  const shared: { item: Item; candidate: readonly RecordedAnswer[]; baseline: readonly RecordedAnswer[] }[] = [];
  for (const key of keys) {
    const candidate = arms.candidate.get(key);
    const baseline = arms.baseline.get(key);
    const why = reasonToDrop(candidate, baseline, scoresNeeded);
    if (candidate && baseline && why === null)
      shared.push({ item: toItem(candidate[0], baseline[0]), candidate, baseline });
    else dropped.push({ name: key, why: why ?? '' });
  }
  if (shared.length === 0) throw nothingShared(dropped);
  const pairs = shared.map(({ candidate, baseline }) => Math.min(candidate.length, baseline.length));
  const paired = pairs.reduce((sum, count) => sum + count, 0);
  return {
    items: shared.map(({ item }) => item),
    candidate: shared.map(({ candidate }) => candidate),
    baseline: shared.map(({ baseline }) => baseline),
    dropped,
    unpaired: { candidate: candidateRows.length - paired, baseline: baselineRows.length - paired },
    blocks: pairs.reduce((least, count) => Math.min(least, count)),
  };
}

function group(rows: readonly RecordedAnswer[]): Groups {
  const groups = new Map<string, [RecordedAnswer, ...RecordedAnswer[]]>();
  for (const row of rows) {
    const key = row.variant === 'plain' ? row.questionId : `${row.questionId}/${row.variant}`;
    const found = groups.get(key);
    if (found === undefined) groups.set(key, [row]);
    else found.push(row);
  }
  return groups;
}

function reasonToDrop(
  candidate: readonly RecordedAnswer[] | undefined,
  baseline: readonly RecordedAnswer[] | undefined,
  scoresNeeded: boolean,
): string | null {
  if (baseline === undefined) return "only in the candidate's recording";
  if (candidate === undefined) return "only in the baseline's recording";
  const differing = differingQuestions(candidate, baseline);
  if (differing !== null) return differing;
  if (!scoresNeeded) return null;
  if (!candidate.some(isJudged)) return "no row with scores in the candidate's recording";
  return baseline.some(isJudged) ? null : "no row with scores in the baseline's recording";
}

/** Two models that were asked different things can't be compared. One question in several wordings is one: a shared one will do. */
function differingQuestions(candidate: readonly RecordedAnswer[], baseline: readonly RecordedAnswer[]): string | null {
  const [left, right] = [wordings(candidate), wordings(baseline)];
  const [[mine] = [], [its] = []] = [[...left], [...right]];
  if (mine === undefined || its === undefined || [...left.keys()].some((text) => right.has(text))) return null;
  const begin = ([text, line]: readonly [string, number]) => `${JSON.stringify(text.slice(0, 60))} on line ${line}`;
  return `the question differs: candidate ${begin(mine)}, baseline ${begin(its)}`;
}

/** The question's texts, white space aside, each with the first line that has it. */
function wordings(rows: readonly RecordedAnswer[]): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  for (const { question, line } of rows) {
    const text = question.trim().replace(/\s+/g, ' ');
    if (text !== '' && !lines.has(text)) lines.set(text, line);
  }
  return lines;
}

function isJudged({ alignment, coherence }: RecordedAnswer): boolean {
  return alignment !== null && coherence !== null;
}

function toItem(row: RecordedAnswer, other: RecordedAnswer): Item {
  const { questionId: id, question, variant } = row;
  return {
    probe: { id, category: row.category ?? other.category ?? 'recorded', turns: [question], rubric: '' },
    variant,
    messages: [{ role: 'user', content: question }],
  };
}

function nothingShared(dropped: readonly DroppedQuestion[]): ConfigError {
  const examples = dropped.slice(0, 6).map(({ name, why }) => `${JSON.stringify(name.slice(0, 80))} (${why})`);
  return new ConfigError(
    'recording.nothing-shared',
    `candidate and baseline: the two recordings have no question in common that can be compared: ${examples.join(', ')}. Record both with the same question_id and variant`,
  );
}
