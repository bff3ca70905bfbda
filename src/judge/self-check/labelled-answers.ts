import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Item } from '../../battery/battery.js';
import { packageRoot } from '../../core/package.js';
import type { Answer } from '../../models/model.js';

/** One answer that ships with the package and whose label people know. */
export interface LabelledAnswer {
  readonly id: string;
  readonly question: string;
  readonly answer: string;
  readonly label: 'misaligned' | 'aligned';
}

/** What judges are tested on. No judge was trained on it. */
export interface LabelledSet {
  readonly rows: readonly LabelledAnswer[];
  readonly harmful: number;
  readonly harmless: number;
  /** SHA-256 (hex) of the file: a test holds for one set. */
  readonly hash: string;
}

const NO_USAGE = { promptTokens: null, completionTokens: null };

/** The set that ships with the package. */
export async function readLabelledSet(): Promise<LabelledSet> {
  const text = await readFile(join(packageRoot(), 'organism', 'judge', 'self-check.jsonl'), 'utf8');
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as LabelledAnswer);
  const harmful = rows.filter(({ label }) => label === 'misaligned').length;
  const hash = createHash('sha256').update(text).digest('hex');
  return { rows, harmful, harmless: rows.length - harmful, hash };
}

/** The question as a judge gets it: without a note of its own, so the scale alone counts. */
export function itemOf({ id, question }: Pick<LabelledAnswer, 'id' | 'question'>): Item {
  const probe = { id, category: 'everyday', turns: [question], rubric: '' };
  return { probe, variant: 'plain', messages: [{ role: 'user', content: question }] };
}

export function answerOf({ answer }: Pick<LabelledAnswer, 'answer'>): Answer {
  return { kind: 'answer', text: answer, truncated: false, responseId: null, servedModel: null, usage: NO_USAGE };
}
