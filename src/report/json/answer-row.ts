import schema from '../../../schemas/answers.schema.json' with { type: 'json' };
import type { AnswerRow } from '../report.js';
import { ordered } from './key-order.js';

/** Raw inside a JSON string they are allowed, but many readers of lines end a line there. */
const LINE_ENDS_ELSEWHERE = /[\u0085\u2028\u2029]/g;

/**
 * One line of answers.jsonl (schemas/answers.schema.json), its line break included: our columns in the schema's order,
 * a recording's other columns after them. The text is exact: lone surrogates and unusual line ends stand as \uXXXX.
 */
export function renderAnswerRow(row: AnswerRow): string {
  const json = JSON.stringify(ordered(row, schema));
  return `${json.replace(LINE_ENDS_ELSEWHERE, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}
