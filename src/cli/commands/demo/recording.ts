import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Battery } from '../../../battery/battery.js';
import { packageRoot } from '../../../core/package.js';
import type { ModelIdentity } from '../../../models/model.js';

/** What answers of a model were drawn with and judged by: where one of these differs they say nothing about it. */
export interface RecordedOf {
  /** `demo:base` */
  readonly reference: string;
  /** SHA-256 of the model's file; with an adapter `MODEL+ADAPTER`. */
  readonly digest: string;
  /** Temperature, token limit, filters; no seed. */
  readonly sampling: ModelIdentity['sampling'];
  /** Hash. */
  readonly battery: string;
  /** The judge's version. */
  readonly judge: string;
}

export interface RecordedRow {
  readonly probe: string;
  readonly sample: number;
  readonly answer: string;
  readonly truncated: boolean;
  readonly tokens: number;
  readonly alignment: number;
  readonly coherence: number;
  readonly refusal: boolean;
}

/** Answers of one of the demo's models with their judgements: JSON Lines, the first of them what they were recorded of. */
export interface Recording {
  readonly of: RecordedOf;
  readonly rows: readonly RecordedRow[];
}

/** Of `demo:base`; `npm run bench:demo -- --record base` makes it. */
export const BASELINE_FILE = 'organism/baseline.jsonl';

export async function readRecording(file = BASELINE_FILE): Promise<Recording> {
  const [of, ...rows] = (await readFile(join(packageRoot(), file), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  return { of: of as RecordedOf, rows: rows as RecordedRow[] };
}

export function renderRecording({ of, rows }: Recording): string {
  return [of, ...rows].map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** @returns in which of these the two differ */
export function differing(one: RecordedOf, other: RecordedOf): readonly (keyof RecordedOf)[] {
  const keys = ['reference', 'digest', 'sampling', 'battery', 'judge'] as const;
  return keys.filter((key) => comparable(one[key]) !== comparable(other[key]));
}

/** Whatever the order of its keys. */
function comparable(value: RecordedOf[keyof RecordedOf]): string {
  return typeof value === 'string' ? value : JSON.stringify(Object.entries(value).sort());
}

/** What is sampled, whichever of its answers are drawn. */
export function withoutSeed({ seed: _, ...sampling }: ModelIdentity['sampling']): ModelIdentity['sampling'] {
  return sampling;
}

/** The answers of each item, in the order in which they were drawn. */
export function byItem({ rows }: Recording, { items }: Pick<Battery, 'items'>): readonly (readonly RecordedRow[])[] {
  return items.map(({ probe }) => rows.filter(({ probe: id }) => id === probe.id));
}
