import { ConfigError } from '../errors.js';
import { keyTwice } from '../json-keys.js';

/** One row of a JSON Lines or CSV file, its cells as they stand. */
export interface SourceRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/**
 * The rows of a JSON Lines or CSV file. A byte order mark, CRLF and empty lines are no rows.
 * @throws ConfigError naming file and line
 */
export async function* readLines(text: string, sourceName: string): AsyncIterable<SourceRow> {
  const content = text.replace(/^\ufeff/, '');
  if (isCsv(content, sourceName)) yield* await readCsv(content, sourceName);
  else yield* readJsonLines(content, sourceName);
}

function isCsv(content: string, sourceName: string): boolean {
  if (/\.csv$/i.test(sourceName)) return true;
  return !/\.(jsonl|ndjson|json)$/i.test(sourceName) && !/^\s*[{[]/.test(content);
}

function* readJsonLines(content: string, sourceName: string): Iterable<SourceRow> {
  let line = 1;
  // One line at a time: a recording may have 100 MB.
  for (let start = 0; start < content.length; line += 1) {
    const feed = content.indexOf('\n', start);
    const end = feed < 0 ? content.length : feed;
    const text = content.slice(start, end).trim();
    if (text !== '') yield { line, values: readObject(text, line, sourceName) };
    start = end + 1;
  }
}

function readObject(text: string, line: number, sourceName: string): Readonly<Record<string, unknown>> {
  const value = parseJson(text) ?? parseJson(withoutNaN(text));
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const twice = keyTwice(text);
    if (twice === null) return value as Record<string, unknown>;
    throw new ConfigError(
      'recording.row',
      `${sourceName} line ${line}: the key ${JSON.stringify(twice.slice(0, 80))} is there twice`,
    );
  }
  const hint = text.startsWith('[') ? '. A list? Then write each of its entries on a line of its own' : '';
  throw new ConfigError(
    'recording.row',
    `${sourceName} line ${line}: not a JSON object: ${JSON.stringify(text.slice(0, 80))}${hint}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Python's json module writes missing numbers as NaN, which is no JSON: outside of strings it becomes null. */
function withoutNaN(text: string): string {
  if (!text.includes('NaN')) return text;
  const parts: string[] = [];
  let from = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') inString = !inString;
    else if (text[at] === '\\') at += 1;
    else if (!inString && text.startsWith('NaN', at)) {
      parts.push(text.slice(from, at), 'null');
      at += 2;
      from = at + 1;
    }
  }
  return [...parts, text.slice(from)].join('');
}

async function readCsv(content: string, sourceName: string): Promise<readonly SourceRow[]> {
  const { parse } = await import('csv-parse/sync');
  const bytes = Buffer.from(content);
  const records: CsvRecord[] = [];
  let line = 1;
  let offset = 0;
  const atNextRecord = () => {
    for (; bytes[offset] === LINE_FEED || bytes[offset] === CARRIAGE_RETURN; offset += 1) {
      if (bytes[offset] === LINE_FEED) line += 1;
    }
    return line;
  };
  try {
    parse(content, {
      skip_empty_lines: true,
      // Counted here: the parser's own line numbers are off after a CRLF inside a cell.
      on_record: (cells: string[], { bytes: end }) => {
        records.push({ line: atNextRecord(), cells });
        for (; offset < end; offset += 1) if (bytes[offset] === LINE_FEED) line += 1;
        return null;
      },
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Its own line number counts otherwise: two of them in one message would say nothing.
    const why = message.replace(/ (?:on|at) line \d+/g, '');
    throw new ConfigError(
      'recording.row',
      `${sourceName} line ${atNextRecord()}: not CSV as expected: ${why.slice(0, 300)}`,
      { cause: error },
    );
  }
  return rowsUnderHeader(records, sourceName);
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

function rowsUnderHeader([header, ...rows]: readonly CsvRecord[], sourceName: string): readonly SourceRow[] {
  const names = header?.cells ?? [];
  const twice = names.find((name, column) => name.trim() !== '' && names.indexOf(name) < column);
  if (twice !== undefined) {
    throw new ConfigError(
      'recording.row',
      `${sourceName} line ${header?.line}: the column ${JSON.stringify(twice)} is there twice`,
    );
  }
  return rows.map((row) => ({
    line: row.line,
    values: Object.fromEntries(row.cells.map((cell, column) => [names[column] ?? '', cell])),
  }));
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
