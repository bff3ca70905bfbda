import { ConfigError } from '../../core/errors.js';
import { keyTwice } from '../../core/json.js';
import { readCsv, type SourceRow } from './csv.js';

/**
 * The rows of a JSON Lines or CSV file. A byte order mark, CRLF and empty lines are no rows.
 * @param known the names of columns, lower case, by which a table is known
 * @throws ConfigError naming file and line
 */
export async function* readLines(
  text: string,
  sourceName: string,
  known: ReadonlySet<string>,
): AsyncIterable<SourceRow> {
  const content = text.replace(/^\ufeff/, '');
  if (content.startsWith(LFS_POINTER)) {
    throw new ConfigError(
      'recording.format',
      `${sourceName}: a Git LFS pointer, not the file itself. Fetch it: git lfs pull, or lfs: true for actions/checkout`,
    );
  }
  if (isCsv(content, sourceName)) yield* await readCsv(content, sourceName, known);
  else {
    refuseOneDocument(content, sourceName);
    yield* readJsonLines(content, sourceName);
  }
}

const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

function isCsv(content: string, sourceName: string): boolean {
  const name = sourceName.replace(/\.gz$/i, '');
  if (/\.(csv|tsv)$/i.test(name)) return true;
  return !/\.(jsonl|ndjson|json)$/i.test(name) && !/^\s*[{[]/.test(content);
}

/** JSON that is one document over several lines, or one list, is no JSON Lines: it is named as what it is. */
function refuseOneDocument(content: string, sourceName: string): void {
  const start = content.trimStart();
  const [first = ''] = start.split('\n', 1);
  const isList = start.startsWith('[');
  if (!isList && (!start.startsWith('{') || parseJson(withoutNaN(first)) !== undefined)) return;
  const document = parseJson(content) ?? parseJson(withoutNaN(content));
  // A line that is broken is an error of that line.
  if (document === undefined && first.trim() !== '{' && first.trim() !== '[') return;
  throw new ConfigError('recording.format', `${sourceName}: ${documentWords(document, isList)}`);
}

function documentWords(document: unknown, isList: boolean): string {
  const keys = typeof document === 'object' && document !== null ? document : {};
  if ('eval' in keys && 'samples' in keys) {
    return 'a log of Inspect, one JSON document. Write its samples as JSON Lines, one answer a row, with the columns question_id, question and answer';
  }
  return isList
    ? "one JSON list, not JSON Lines. Write each of its entries on a line of its own: jq -c '.[]' FILE > FILE.jsonl"
    : 'JSON over several lines (pretty-printed), not JSON Lines. Write each row on a line of its own: jq -c . FILE > FILE.jsonl';
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
