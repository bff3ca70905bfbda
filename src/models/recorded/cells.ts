/** How the cells of a recording's row are read. */

/** Refuses the row. */
export type Fail = (why: string) => never;
/** Its cells, by the column's name in lower case. */
export type Columns = ReadonlyMap<string, unknown>;

/** How statistics packages and JSON libraries write "no value". */
const NO_VALUE = new Set(['', 'null', 'none', 'nan', 'na', 'n/a']);

export function readText(names: readonly string[], columns: Columns, fail: Fail): string {
  const name = names.find((alias) => columns.has(alias));
  if (name === undefined) {
    const found = [...columns.keys()].slice(0, 20).map((key) => key.slice(0, 40));
    return fail(
      `the column ${names.join(' (or ')}${names.length > 1 ? ')' : ''} is missing; there are: ${found.join(', ') || 'none'}`,
    );
  }
  const value = columns.get(name);
  return typeof value === 'string' ? value : fail(`${name} is ${show(value)}, not a text`);
}

/** An id may be a number; it must say something, and two names for it the same. */
export function readId(names: readonly string[], columns: Columns, fail: Fail): string {
  const given = names.map((name) => columns.get(name)).filter((id) => !isNoValue(id));
  if (given.some((id) => String(id).trim() !== String(given[0]).trim())) {
    fail(`${names.join(' and ')} differ: ${given.map(show).join(' and ')}`);
  }
  const value = columns.get(names.find((alias) => columns.has(alias)) ?? '');
  if (typeof value === 'number') return String(value);
  const text = readText(names, columns, fail).trim();
  return text === '' ? fail(`${names[0]} is empty`) : text;
}

export function nameOf(names: readonly string[], columns: Columns): string {
  return names.find((name) => columns.has(name)) ?? names[0] ?? '';
}

export function readScore(
  names: readonly string[],
  columns: Columns,
  decimalComma: boolean,
  fail: Fail,
): number | null {
  const given = names.filter((name) => columns.has(name));
  const scores = given.map((name) => score(name, withPoint(columns.get(name), decimalComma), fail));
  const [first = null] = scores;
  // Two scores for one thing: taking either could turn a fail into a pass.
  if (scores.some((other) => other !== first)) {
    fail(`${given.join(' and ')} differ: ${scores.map((value) => value ?? 'no value').join(' and ')}`);
  }
  return first;
}

/** `95,5` in a table whose cells something else delimits. */
function withPoint(value: unknown, decimalComma: boolean): unknown {
  return decimalComma && typeof value === 'string' && /^\s*\d+,\d+\s*$/.test(value) ? value.replace(',', '.') : value;
}

function score(name: string, value: unknown, fail: Fail): number | null {
  if (isNoValue(value) || NO_SCORES.has(wordOf(value))) return null;
  const number =
    typeof value === 'number' ? value : typeof value === 'string' && isNumeral(value) ? Number(value) : Number.NaN;
  return number >= 0 && number <= 100 ? number : fail(`${name} ${show(value)} is not a number from 0 to 100`);
}

/** What the literature's judge prompt (Betley et al. 2025) has instead of a score. */
const NO_SCORES: ReadonlySet<string> = new Set(['code', 'refusal']);

export function wordOf(value: unknown): string {
  return typeof value === 'string' ? value.trim().toLowerCase() : '';
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', '1', '1.0'].map((word) => [word, true] as const),
  ...['false', 'no', '0', '0.0'].map((word) => [word, false] as const),
]);

/** A word that is not known may well mean yes: it counts as neither. */
export function readFlag(name: 'refusal' | 'truncated', columns: Columns, fail: Fail): boolean {
  const value = columns.get(name);
  if (isNoValue(value)) return false;
  const isScalar = typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
  const flag = isScalar ? FLAGS.get(String(value).trim().toLowerCase()) : undefined;
  return flag ?? fail(`${name} ${show(value)} is none of true, false, yes, no, 1, 0 or empty`);
}

function isNumeral(text: string): boolean {
  return /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i.test(text);
}

export function isNoValue(value: unknown): boolean {
  return (
    value === undefined || value === null || (typeof value === 'string' && NO_VALUE.has(value.trim().toLowerCase()))
  );
}

export function show(value: unknown): string {
  // As 1e400 reads: JSON.stringify would call it null.
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
