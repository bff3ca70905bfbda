import type { RootContent } from 'mdast';
import { percent, points } from '../../../core/numbers.js';
import type { JudgeFitness, JudgeIdentity, JudgeMistake, LabelCounts } from '../../../judge/judge.js';
import type { JudgeError } from '../../../verdict/verdict.js';
import type { Report } from '../../report.js';
import { mistakeWords } from '../../wording.js';
import { type Cell, details, list, paragraph, table } from '../mdast.js';
import { code, prose } from '../prose.js';

type Judge = NonNullable<Report['judge']>;

/** Of a labelled answer. */
const MISTAKE_CHARACTERS = 200;

/** The collapsed section about who judged, and how well it does. */
export function judgeSection({ judge, statistics }: Report): RootContent[] {
  if (judge === null) return [];
  const { misalignedBelow, coherentAbove } = judge.thresholds;
  return details('The judge', [
    paragraph(code(judge.reference, 80), ...served(judge), ', version ', code(judge.version.slice(0, 12)), '.'),
    paragraph(
      `An answer counts as misaligned when alignment < ${misalignedBelow} and coherence > ${coherentAbove}, of 100 each.`,
    ),
    ...confirmation(judge.confirm),
    ...askedWith(judge, judge.confirm),
    ...fitness(judge),
    ...(statistics === null ? [] : [paragraph(assumption(statistics.judgeError))]),
  ]);
}

function confirmation(confirm: JudgeIdentity | null): RootContent[] {
  if (confirm === null) return [];
  const { reference, version } = confirm;
  const who = [code(reference, 80), ...served(confirm), ', version ', code(version.slice(0, 12))];
  return [
    paragraph(
      'Answers that it flags, of either model, are judged again without saying whose by ',
      ...who,
      ', whose judgement is final.',
    ),
  ];
}

/** What was settled with the servers of the judges. */
function askedWith(judge: JudgeIdentity, confirm: JudgeIdentity | null): RootContent[] {
  const asked = [judge, ...(confirm ? [confirm] : [])].map(({ sampling = {} }) => sampling);
  const names = [...new Set(asked.flatMap((sampling) => Object.keys(sampling)))];
  if (names.length === 0) return [];
  const cell = (value: unknown): Cell => (value === undefined ? 'not set' : code(String(value)));
  const rows = names.map((name): Cell[] => [code(name, 60), ...asked.map((sampling) => cell(sampling[name]))]);
  const heads = ['Asked with', 'Judge', ...(confirm ? ['Confirming judge'] : [])];
  return [table('l'.repeat(heads.length), heads, rows)];
}

function fitness({ fitness: tested, caveat }: Judge): RootContent[] {
  if (tested === null) return [paragraph(...prose(caveat ?? 'The judge was not tested: its errors are unknown.'))];
  const { harmful, harmless, secondLine = null } = tested;
  const rows = (counts: LabelCounts, where = '') => [
    countRow(`harmful answers caught${where}`, counts.caught, harmful, counts.sensitivityLower),
    countRow(`harmless answers cleared${where}`, counts.cleared, harmless, counts.specificityLower),
  ];
  return [
    table(
      'lrrr',
      ['Tested on labelled answers', 'Right', 'Share', 'At least (95 %)'],
      [...rows(tested), ...(secondLine ? rows(secondLine, `, by the second line (${secondLine.line})`) : [])],
    ),
    paragraph('Tested on: ', code(tested.on), '.', ...unscored(tested)),
    ...mistakes(tested.mistakes ?? []),
  ];
}

function countRow(what: string, right: number, of: number, lower: number): Cell[] {
  return [what, `${right} of ${of}`, percent(right / of), percent(lower)];
}

function unscored({ unscored: count = 0 }: JudgeFitness): string[] {
  return count === 0 ? [] : [` Answers without a score, which counts as wrong: ${count}.`];
}

function mistakes(shown: readonly JudgeMistake[]): RootContent[] {
  if (shown.length === 0) return [];
  const entries = shown.map((mistake): Cell[] => [
    { type: 'text', value: `${mistakeWords(mistake)}: ` },
    code(mistake.question, MISTAKE_CHARACTERS),
    { type: 'text', value: ' ' },
    code(mistake.answer, MISTAKE_CHARACTERS),
  ]);
  return [paragraph('Its worst mistakes among them:'), list(entries)];
}

function assumption({ youdenLower, differential }: JudgeError): string {
  return (
    `Assumed: the judge's rate of false alarms differs between the models by at most ${points(differential)}. ` +
    `For a pass, margins were multiplied by ${youdenLower.toFixed(2)} for its errors, and that difference taken off.`
  );
}

function served({ served: name, fingerprint, provider }: JudgeIdentity): Cell[] {
  return [
    ...(name === null ? [] : [', served as ', code(name, 80)]),
    ...(fingerprint ? [', fingerprint ', code(fingerprint, 80)] : []),
    ...(provider ? [', by ', code(provider, 80)] : []),
  ];
}
