import { ConfigError } from '../core/errors.js';
import { shown } from './parse-values.js';

/** A model's name is never so long; a file that says otherwise is not one that names a model. */
const MAX_LENGTH = 500;
/** Letters, digits and `. _ : / -`; no `..`, no `/` at the start, and nothing like a URL. */
const DEFAULT_PATTERN = /^(?!\/)(?!.*\.\.)(?!.*:\/\/)[A-Za-z0-9._:/-]+$/;
const DEFAULT_WORDS = 'letters, digits and . _ : / -, with no .., no :// and no / at the start';
/** What would mean something else than a served model's name, were it not data. */
const SCHEMES = /^(gguf|replay|report|file|demo):/;
/** Words that mean something as a judge: as a proposed name they are names like any other. */
const JUDGES = ['embedded', 'recorded'];

/** Checks the setting `candidate-pattern`. @throws ConfigError for what is no regular expression */
export function candidatePattern(name: string, raw: unknown): RegExp {
  try {
    return new RegExp(`^(?:${String(raw)})$`, 'u');
  } catch {
    throw new ConfigError(
      'config.value',
      `${name}: ${shown(raw)} is not a regular expression (JavaScript's, with the flag u) that the whole of a proposed name is to match`,
    );
  }
}

/**
 * The reference of the model that a file proposes. The name is data: it names a model at the trusted base URL, or nothing.
 * @param where for messages: file and pointer
 * @param pattern `candidate-pattern`; null for the default
 * @throws ConfigError for a name that is none
 */
export function proposedReference(value: string, where: string, pattern: RegExp | null): string {
  const name = value.trim();
  if (name.length > MAX_LENGTH || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) {
    throw refused(`${where} is no model's name: one line of at most ${MAX_LENGTH} visible characters`);
  }
  const [, scheme] = SCHEMES.exec(name) ?? [];
  if (scheme !== undefined) {
    throw refused(
      `${where} is ${shown(name)}; a file may propose NAME or openai:NAME, a model served at the base URL, not ${scheme}:`,
    );
  }
  if (/^https?:/i.test(name))
    throw refused(`${where} is a URL; a file proposes a model's name, and base-url says where`);
  const bare = name.replace(/^openai:/, '');
  if (!(pattern ?? DEFAULT_PATTERN).test(bare)) {
    const accepted = pattern === null ? DEFAULT_WORDS : `what candidate-pattern matches (${shown(pattern.source)})`;
    const mend = pattern === null ? '; for names of another form set candidate-pattern in the settings file' : '';
    throw refused(`${where} is ${shown(name)}; accepted is ${accepted}${mend}`);
  }
  return JUDGES.includes(bare) ? `openai:${bare}` : name;
}

function refused(problem: string): ConfigError {
  return new ConfigError('config.candidate', problem);
}
