import type { RecordedAnswer } from './answers.js';

/** Characters from which on sampled answers hardly ever come out alike. */
const LONG = 80;

/** How many of the long answers stand there word for word before, under the same question: copies are no further evidence. */
export function repeatedRows(items: readonly (readonly RecordedAnswer[])[]): {
  readonly long: number;
  readonly repeated: number;
} {
  const long = items.map((rows) => rows.map(({ answer }) => answer).filter((answer) => answer.length >= LONG));
  const all = long.reduce((sum, { length }) => sum + length, 0);
  const distinct = long.reduce((sum, answers) => sum + new Set(answers).size, 0);
  return { long: all, repeated: all - distinct };
}
