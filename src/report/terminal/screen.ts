import type pc from 'picocolors';
import { inertLine } from '../../core/text.js';
import { wrap } from './width.js';

type Palette = ReturnType<typeof pc.createColors>;

/** What terminal sections are drawn on. */
export interface Screen {
  readonly colors: Palette;
  /** Columns, 80 to 120. */
  readonly width: number;
}

/** What the tables need. */
const MIN_WIDTH = 80;
/** Longer lines are hard to read. */
const MAX_WIDTH = 120;

export function screen(colors: Palette, width: number): Screen {
  const columns = Number.isFinite(width) ? Math.trunc(width) : 80;
  return { colors, width: Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, columns)) };
}

/** A titled block, with a blank line before it; nothing when it has no lines. */
export function section(title: string, lines: readonly string[], { colors }: Screen): string[] {
  return lines.length === 0 ? [] : ['', colors.bold(title), ...lines];
}

/** Sentences that may quote outside text, as bullet points. */
export function bullets(texts: readonly string[], { width }: Screen): string[] {
  return texts.flatMap((text) =>
    wrap(inertLine(text.trim(), 1_000), width - 4).map((line, at) => (at === 0 ? `  • ${line}` : `    ${line}`)),
  );
}
