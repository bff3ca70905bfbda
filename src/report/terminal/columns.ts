import { unbroken } from '../../core/unbroken.js';
import { clip, displayWidth, padEnd, padStart } from './width.js';

/** One cell of a terminal table: what it says and how it is coloured once it is padded. */
export interface TerminalCell {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

/**
 * Rows in aligned columns, two blanks apart. The first column gives way when the line would be wider than `width`.
 *
 * @param align one letter a column: l, r
 */
export function columns(align: string, rows: readonly (readonly (string | TerminalCell)[])[], width: number): string[] {
  const cells = rows.map((row) => row.map((cell) => (typeof cell === 'string' ? { text: cell } : cell)));
  const widths = [...align].map((_, at) => Math.max(0, ...cells.map((row) => displayWidth(row[at]?.text ?? ''))));
  const others = widths.slice(1).reduce((sum, one) => sum + one + 2, 0);
  const fitted = widths.map((one, at) => (at === 0 ? Math.max(8, Math.min(one, width - others)) : one));
  return cells.map((row) =>
    row
      .map((cell, at) => padded(cell, fitted[at] ?? 0, align[at] === 'r'))
      .join('  ')
      .trimEnd(),
  );
}

function padded({ text, paint = same }: TerminalCell, width: number, toTheRight: boolean): string {
  const shown = clip(unbroken(text), width);
  return paint(toTheRight ? padStart(shown, width) : padEnd(shown, width));
}

function same(text: string): string {
  return text;
}
