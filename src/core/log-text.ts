import { unbroken } from './unbroken.js';

/**
 * The runner reads commands out of what a step prints: a line that begins with `::`, after any white space, and (from the
 * runner's first days) `##[` anywhere in a line. It ends lines at CR too. Text from models must do none of this, neither in
 * the Action's log nor where a step runs the command line. JSON stays JSON, and says the same.
 */
export function withoutCommands(text: string): string {
  return text.replace(/(?<=^|[\n\r])((?:[^\S\n\r]|\u0085)*)::/gu, '$1\\::').replaceAll('##[', '##\\u005b');
}

/** One log line holds no more: a model's answer can be a megabyte without a line break. */
const MAX_LINE = 4_000;
/** An annotation is cut by GitHub at 4 KB; beyond that the report files are the place. */
const MAX_LINES = 200;

/** Outside text as log lines: no escape sequences, nothing invisible, nothing endless, no commands to the runner. */
export function inertLog(text: string): string {
  const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
  const shown = lines.slice(0, MAX_LINES).map(inertLine);
  const more = lines.length > MAX_LINES ? [`… (${lines.length - MAX_LINES} lines more)`] : [];
  return withoutCommands(unbroken([...shown, ...more].join('\n')));
}

function inertLine(line: string): string {
  const cut = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}… (${line.length} characters)` : line;
  return (
    cut
      // Escape sequences, NUL, halves of a character and what reorders or hides text are shown, not obeyed.
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
        character === '\t' ? character : visible(character),
      )
  );
}

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;
}
