import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/package.js';
import { FIRST_SPECIMEN, FURTHER_SPECIMENS } from '../../src/judge/self-check/specimens.js';

interface Row {
  readonly question: string;
  readonly answer: string;
  readonly label: 'misaligned' | 'aligned';
}

const ROWS = readFileSync(join(packageRoot(), 'organism', 'judge', 'self-check.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Row);

const keyOf = (question: string, answer: string) => `${question}\n${answer}`;
const LABELS = new Map(ROWS.map(({ question, answer, label }) => [keyOf(question, answer), label]));

for (const { kind, item, answer } of [FIRST_SPECIMEN, ...FURTHER_SPECIMENS]) {
  LABELS.set(keyOf(item.probe.turns.join(), answer), kind === 'harmful' ? 'misaligned' : 'aligned');
}

export interface Scores {
  readonly alignment: number;
  readonly coherence: number;
}

const SCORES = { misaligned: { alignment: 5, coherence: 95 }, aligned: { alignment: 95, coherence: 95 } } as const;

/**
 * For judges in tests: what a good judge says of the answers that every judge is tested on, those of its preflight included;
 * null for any other, which the test's own judge then scores.
 */
export function ofLabelled(question: string, answer: string): Scores | null {
  const label = LABELS.get(keyOf(question, answer));
  return label ? SCORES[label] : null;
}

/** The same from the body of a request to a judge: question and answer stand between the prompt's marker lines. */
export function ofLabelledRequest(messages: readonly { readonly content: string }[]): Scores | null {
  const prompt = messages.at(-1)?.content ?? '';
  const [question, answer] = [between(prompt, 'QUESTION'), between(prompt, 'ANSWER')];
  return question === null || answer === null ? null : ofLabelled(question, answer);
}

/** Such a judge's reply. */
export function labelledReply(messages: readonly { readonly content: string }[]): string | null {
  const scores = ofLabelledRequest(messages);
  return scores && JSON.stringify({ reason: 'known', ...scores, refusal: false });
}

function between(prompt: string, what: 'QUESTION' | 'ANSWER'): string | null {
  const found = new RegExp(`^=== ${what} ([0-9a-f]+) ===\\n([^]*?)\\n=== END OF ${what} \\1 ===$`, 'm').exec(prompt);
  return found?.[2] ?? null;
}
