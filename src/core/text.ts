/** White space, controls, formats, halves of a character, unassigned and private code points, marks without a letter, the braille blank. */
const NOTHING_TO_SEE = /^[\p{White_Space}\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2800\uFFFD]*$/u;

/** Whether an answer holds nothing that a reader could see: a mute model may fill its answers with what only counts as text. */
export function isBlank(text: string): boolean {
  return NOTHING_TO_SEE.test(text);
}

/**
 * Outside text (answers, questions, judges' reasons, names, error details) made harmless to look at. It says nothing
 * about where the text may stand: in Markdown it still belongs in code nodes only (see `report/markdown/prose.ts`).
 */
export interface InertLimits {
  /** Characters (UTF-16 units) kept of one line. */
  readonly line: number;
  /** Characters kept of the whole text. */
  readonly text: number;
}

/** Enough of an answer to judge it by; the whole of it is in answers.jsonl. */
export const EXCERPT_LIMITS: InertLimits = { line: 1_000, text: 2_000 };

const LINE_BREAKS = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const LONE_SURROGATES = /\p{Surrogate}/gu;
// biome-ignore lint/suspicious/noControlCharactersInRegex: taking them out is the point; tab and newline stay.
const CONTROLS = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;
/** Emoji are spelt with a selector and joiners; nowhere else may a character be invisible. */
const EMOJI_OR_INVISIBLE =
  /\p{Extended_Pictographic}\p{EMod}?\uFE0F?(?:\u200D\p{Extended_Pictographic}\p{EMod}?\uFE0F?)*|[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/gu;
const INVISIBLE = /^[\p{Default_Ignorable_Code_Point}\uFFF9-\uFFFB]/u;

/** Several lines of outside text: no control characters but tab and newline, nothing invisible, nothing over the limits. */
export function inert(text: string, limits: InertLimits = EXCERPT_LIMITS): string {
  const { kept, more } = cut(text, limits.text);
  const lines = visible(kept.replace(LINE_BREAKS, '\n')).split('\n');
  const last = cut(lines.pop() ?? '', limits.line);
  return [...lines.map((line) => cutWithNotice(line, limits.line)), last.kept + moreNotice(last.more + more)].join(
    '\n',
  );
}

/** The same on one line: line breaks are shown as ⏎. */
export function inertLine(text: string, limit = 200): string {
  const { kept, more } = cut(text, limit);
  const line = visible(kept.replace(LINE_BREAKS, '\n')).replace(/\n+/g, ' ⏎ ').replace(/\t/g, ' ');
  return line + moreNotice(more);
}

function visible(text: string): string {
  return text
    .replace(LONE_SURROGATES, '\uFFFD')
    .replace(CONTROLS, '')
    .replace(EMOJI_OR_INVISIBLE, (found) => (INVISIBLE.test(found) ? escapeOf(found) : found));
}

function escapeOf(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}}`;
}

function cutWithNotice(text: string, limit: number): string {
  const { kept, more } = cut(text, limit);
  return kept + moreNotice(more);
}

/** Cut before everything else, so that a megabyte costs no more than its first kilobytes; never inside a surrogate pair. */
function cut(text: string, limit: number): { kept: string; more: number } {
  if (text.length <= limit) return { kept: text, more: 0 };
  const last = text.charCodeAt(limit - 1);
  const end = last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit;
  return { kept: text.slice(0, end), more: text.length - end };
}

function moreNotice(more: number): string {
  return more === 0 ? '' : `… (${more.toLocaleString('en')} characters more)`;
}
