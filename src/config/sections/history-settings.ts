import { ConfigError } from '../../core/errors.js';
import { type Raw, text } from '../parse-values.js';
import type { Leaves } from '../precedence.js';
import type { HistorySettings } from '../settings.js';

/** Two weekly runs missed. */
const STALE_AFTER_DAYS = 14;

/** `history-branch`, and the section `history` that only the settings file may hold. */
export function historySettings(leaves: Leaves): HistorySettings {
  const branch = leaves.read('history-branch', branchName, null as string | null);
  return {
    branch,
    anchor: leaves.readFile<string | null>(['history', 'anchor'], null),
    staleAfterDays: leaves.readFile(['history', 'stale-after-days'], STALE_AFTER_DAYS),
  };
}

/** What git check-ref-format(1) forbids in a branch's name. */
const FORBIDDEN = /[\p{Cc}\s~^:?*[\\]|\.\.|@\{|\/\/|^[/.-]|[/.]$|\/\.|\.lock(\/|$)|^refs\/|^@$/u;
const MAX_LENGTH = 200;

function branchName(name: string, raw: Raw): string {
  const given = text(name, raw);
  if (!FORBIDDEN.test(given) && given.length <= MAX_LENGTH) return given;
  throw new ConfigError(
    'config.value',
    `${name}: ${JSON.stringify(given.slice(0, 80))} is no branch's name; give one such as misalignment-history, without refs/heads/`,
  );
}
