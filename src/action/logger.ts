import * as core from '@actions/core';
import type { Logger } from '../log.js';

/** One log line holds no more: a model's answer can be a megabyte without a line break. */
const MAX_LINE = 4_000;
/** An annotation is cut by GitHub at 4 KB; beyond that the report files are the place. */
const MAX_LINES = 200;

/**
 * The runner reads commands out of what a step prints: a line that begins with `::`, after any white space, and (from the
 * runner's first days) `##[` anywhere in a line. It ends lines at CR too. Text from models must do none of this.
 */
export function inertLog(text: string): string {
  const lines = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
  const shown = lines.slice(0, MAX_LINES).map(inertLine);
  return lines.length > MAX_LINES
    ? [...shown, `… (${lines.length - MAX_LINES} lines more)`].join('\n')
    : shown.join('\n');
}

function inertLine(line: string): string {
  const cut = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}… (${line.length} characters)` : line;
  return (
    cut
      // Escape sequences, NUL, halves of a character and what reorders or hides text are shown, not obeyed.
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu, (character) =>
        character === '\t' ? character : visible(character),
      )
      .replace(/^(\s*)::/u, '$1\\::')
      .replaceAll('##[', '#\\#[')
  );
}

function visible(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}}`;
}

/** The Logger of the Action: plain lines, and annotations for what needs eyes. */
export function actionsLogger(): Logger {
  return {
    debug: (message) => core.debug(inertLog(message)),
    info: (message) => core.info(inertLog(message)),
    notice: (message) => core.notice(inertLog(message), { title: 'misalignment-gate' }),
    warning: (message) => core.warning(inertLog(message), { title: 'misalignment-gate' }),
    error: (message) => core.error(inertLog(message), { title: 'misalignment-gate' }),
  };
}
