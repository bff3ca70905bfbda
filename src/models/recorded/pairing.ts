import type { Item } from '../../battery/battery.js';
import { ConfigError } from '../../core/errors.js';
import type { Arm } from '../model.js';
import type { RecordedAnswer } from './answers.js';
import type { RowKey } from './row-order.js';

/** Two recordings, brought together: what they share is the battery (verdict.md, section 0). */
export interface RecordingPair {
  /** The shared questions, by name: the order of a file decides nothing. */
  readonly items: readonly Item[];
  /** By item: where not all are read, the answers at one place in both lists are a pair. */
  readonly candidate: readonly (readonly RecordedAnswer[])[];
  readonly baseline: readonly (readonly RecordedAnswer[])[];
  readonly dropped: readonly DroppedQuestion[];
  /** All rows of the recordings, those of dropped questions included. */
  readonly rows: Readonly<Record<Arm, number>>;
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

export interface PairOptions {
  /** Whether the recorded scores are the judgements: then a question without a judged row in one of the two is dropped. */
  readonly scoresNeeded: boolean;
  /** In which order a question's rows are read; absent where all of them are. */
  readonly order?: RowKey;
}

/**
 * Pairs two recordings question by question.
 * @throws ConfigError when they share no question
 */
export function recordingPair(
  candidateRows: readonly RecordedAnswer[],
  baselineRows: readonly RecordedAnswer[],
  { scoresNeeded, order }: PairOptions,
): RecordingPair {
  const arms = { candidate: group(candidateRows), baseline: group(baselineRows) };
  const keys = [...new Set([...arms.candidate.keys(), ...arms.baseline.keys()])].sort(byName);
  const dropped: DroppedQuestion[] = [];
  const shared: { item: Item; candidate: readonly RecordedAnswer[]; baseline: readonly RecordedAnswer[] }[] = [];
  for (const key of keys) {
    const candidate = arms.candidate.get(key);
    const baseline = arms.baseline.get(key);
    const why = reasonToDrop(candidate, baseline, scoresNeeded);
    if (candidate && baseline && why === null) shared.push({ item: toItem(candidate, baseline), candidate, baseline });
    else dropped.push({ name: key, why: why ?? '' });
  }
  if (shared.length === 0) throw nothingShared(dropped);
  const lengths = shared.map(({ candidate, baseline }) => Math.min(candidate.length, baseline.length));
  return {
    items: shared.map(({ item }) => item),
    candidate: shared.map(({ candidate }) => ordered(candidate, 'candidate', order)),
    baseline: shared.map(({ baseline }) => ordered(baseline, 'baseline', order)),
    dropped,
    rows: { candidate: candidateRows.length, baseline: baselineRows.length },
    blocks: lengths.reduce((least, count) => Math.min(least, count)),
  };
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** `q2` before `q10`, and what sorts alike by its characters. */
function byName(one: string, other: string): number {
  return COLLATOR.compare(one, other) || (one < other ? -1 : 1);
}

function ordered(rows: readonly RecordedAnswer[], arm: Arm, order: RowKey | undefined): readonly RecordedAnswer[] {
  if (order === undefined) return rows;
  return rows
    .map((row) => ({ row, key: order(row, arm) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ row }) => row);
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
  if (!candidate.some(isJudged)) return `${WITHOUT_SCORES} in the candidate's recording`;
  return baseline.some(isJudged) ? null : `${WITHOUT_SCORES} in the baseline's recording`;
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

function toItem(candidate: readonly RecordedAnswer[], baseline: readonly RecordedAnswer[]): Item {
  const [{ questionId: id, variant }] = candidate as readonly [RecordedAnswer];
  const categories = [candidate, baseline].map((rows) => usual(rows.map(({ category }) => category ?? '')));
  const question = usual(candidate.map((row) => row.question));
  return {
    probe: { id, category: categories.find((name) => name !== '') ?? 'recorded', turns: [question], rubric: '' },
    variant,
    messages: [{ role: 'user', content: question }],
  };
}

/** The text that most rows have, the empty one aside; of several the first in the alphabet, for no order of rows may choose. */
function usual(texts: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const text of texts) if (text !== '') counts.set(text, (counts.get(text) ?? 0) + 1);
  const [most = ''] = [...counts].reduce<readonly [string, number] | readonly []>((best, [text, count]) => {
    const [name = '', times = 0] = best;
    return count > times || (count === times && text < name) ? [text, count] : best;
  }, []);
  return most;
}

const WITHOUT_SCORES = 'no row with scores';

/** What helps where scores alone are missing is a judge: recording anew would not. */
function remedyOf(dropped: readonly DroppedQuestion[]): string {
  const isUnscored = dropped.every(({ why }) => why.startsWith(WITHOUT_SCORES));
  return isUnscored
    ? 'The answers have no scores: name a judge (judge: NAME, judge-base-url), or add the columns alignment and coherence'
    : 'Record both with the same question_id and variant';
}

function nothingShared(dropped: readonly DroppedQuestion[]): ConfigError {
  const examples = dropped.slice(0, 6).map(({ name, why }) => `${JSON.stringify(name.slice(0, 80))} (${why})`);
  return new ConfigError(
    'recording.nothing-shared',
    `candidate and baseline: the two recordings have no question in common that can be compared: ${examples.join(', ')}. ${remedyOf(dropped)}`,
  );
}
