import { ConfigError } from '../../core/errors.js';

/** One row of a JSON Lines or CSV file, its cells as they stand. */
export interface SourceRow {
  /** Where it begins, from 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, unknown>>;
  /** Whether the comma may be the decimal sign in it: where it is not what delimits cells. */
  readonly decimalComma?: boolean;
}

interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What a table is saved with: by default, where the comma is the decimal sign, and out of a spreadsheet. */
const DELIMITERS = [',', ';', '\t'] as const;
type Delimiter = (typeof DELIMITERS)[number];

/** Excel's own first line: `sep=;`. */
const SEPARATOR_LINE = /^"?sep=(.)"?\r?\n/i;

/**
 * The rows of a CSV file, whatever delimits its cells.
 * @param known the names of columns, lower case, that tell which delimiter it is
 * @throws ConfigError naming file and line
 */
export async function readCsv(
  content: string,
  sourceName: string,
  known: ReadonlySet<string>,
): Promise<readonly SourceRow[]> {
  const { parse } = await import('csv-parse/sync');
  const [separatorLine = '', said] = SEPARATOR_LINE.exec(content) ?? [];
  const table = content.slice(separatorLine.length);
  const given = DELIMITERS.find((delimiter) => delimiter === said);
  const headerOf = (delimiter: Delimiter) => firstRecord(parse, table, delimiter);
  const delimiter = given ?? delimiterOf(headerOf, known);
  const records = parseRecords(parse, table, delimiter, { sourceName, firstLine: separatorLine === '' ? 1 : 2 });
  return rowsUnderHeader(records, sourceName, delimiter !== ',');
}

type Parse = typeof import('csv-parse/sync')['parse'];

/** The one that makes most known columns of the header. */
function delimiterOf(headerOf: (delimiter: Delimiter) => readonly string[], known: ReadonlySet<string>): Delimiter {
  const found = DELIMITERS.map(
    (delimiter) => headerOf(delimiter).filter((name) => known.has(name.trim().toLowerCase())).length,
  );
  return DELIMITERS[found.indexOf(Math.max(...found))] ?? ',';
}

function firstRecord(parse: Parse, table: string, delimiter: Delimiter): readonly string[] {
  try {
    const options = { delimiter, to: 1, skip_empty_lines: true, relax_column_count: true } as const;
    // A quote that never ends would take the whole table for its header.
    const [header = []] = parse(table.slice(0, MOST_HEADER), { ...options, relax_quotes: true }) as string[][];
    return header;
  } catch {
    return [];
  }
}

const MOST_HEADER = 100_000;

function parseRecords(
  parse: Parse,
  table: string,
  delimiter: Delimiter,
  { sourceName, firstLine }: { readonly sourceName: string; readonly firstLine: number },
): readonly CsvRecord[] {
  const bytes = Buffer.from(table);
  const records: CsvRecord[] = [];
  let line = firstLine;
  let offset = 0;
  const atNextRecord = () => {
    for (; bytes[offset] === LINE_FEED || bytes[offset] === CARRIAGE_RETURN; offset += 1) {
      if (bytes[offset] === LINE_FEED) line += 1;
    }
    return line;
  };
  try {
    parse(table, {
      delimiter,
      skip_empty_lines: true,
      relax_column_count: true,
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
    throw notCsv(sourceName, atNextRecord(), message.replace(/ (?:on|at) line \d+/g, '').slice(0, 300), error);
  }
  return records;
}

function rowsUnderHeader(
  [header, ...rows]: readonly CsvRecord[],
  sourceName: string,
  decimalComma: boolean,
): readonly SourceRow[] {
  const names = header?.cells ?? [];
  const twice = names.find((name, column) => name.trim() !== '' && names.indexOf(name) < column);
  if (twice !== undefined) {
    throw new ConfigError(
      'recording.row',
      `${sourceName} line ${header?.line}: the column ${JSON.stringify(twice)} is there twice`,
    );
  }
  // A spreadsheet leaves rows of empty cells behind: there is nothing in them.
  const filled = rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== ''));
  return filled.map(({ line, cells }) => {
    if (cells.length !== names.length) {
      throw notCsv(sourceName, line, `it has ${cells.length} cells, the header ${names.length}`);
    }
    return { line, decimalComma, values: Object.fromEntries(cells.map((cell, column) => [names[column] ?? '', cell])) };
  });
}

function notCsv(sourceName: string, line: number, why: string, cause?: unknown): ConfigError {
  return new ConfigError('recording.row', `${sourceName} line ${line}: not CSV as expected: ${why}`, { cause });
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
