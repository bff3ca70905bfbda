import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../schemas/history.schema.json' with { type: 'json' };
import { inertLine } from '../core/text.js';
import type { HistoryRecord } from './record.js';

/** A line that is not one of ours, or no longer. */
export interface BadLine {
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

export interface ParsedHistory {
  /** In the file's order: oldest first. */
  readonly records: readonly HistoryRecord[];
  readonly bad: readonly BadLine[];
}

/** Ours are a few KB; one with every place it may hold has 40. */
const MAX_LINE_LENGTH = 200_000;

const accepts = new Ajv2020({ allowUnionTypes: true }).compile<HistoryRecord>(schema);

/** Reads history.jsonl. Whoever can push to the branch can write anything there: a line that does not fit is skipped and named. */
export function parseHistory(text: string): ParsedHistory {
  const lines = text.split('\n').map((content, at) => ({ content, line: at + 1 }));
  const records: HistoryRecord[] = [];
  const bad: BadLine[] = [];
  for (const { content, line } of lines.filter((one) => one.content.trim() !== '')) {
    const found = recordIn(content);
    if (typeof found === 'string') bad.push({ line, problem: found });
    else records.push(found);
  }
  return { records, bad };
}

/** The record, or what is wrong with the line; its own text is not repeated. */
function recordIn(line: string): HistoryRecord | string {
  if (line.length > MAX_LINE_LENGTH) return 'longer than any line of ours';
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  if (accepts(value)) return value;
  const [error] = accepts.errors ?? [];
  return inertLine(`${error?.instancePath || 'the line'} ${error?.message ?? 'does not fit the schema'}`);
}
