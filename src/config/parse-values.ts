import ms from 'ms';
import { ConfigError } from '../core/errors.js';

/** A setting's value as found, before it has a type: inputs are strings, the settings file's values are what YAML says. */
export type Raw = unknown;

/** Of a wrong value so much is repeated, in characters. */
const SHOWN = 80;
/** Decimal notation only: `0x10`, `1e3` and `1_000` are more likely slips than wishes. */
const DECIMAL = /^-?\d+(\.\d+)?$/;
const TIME = /^\d+(\.\d+)? ?[smh]$/;
const DAY_MINUTES = 24 * 60;

/** A value as a message repeats it: JSON on one line, cut when long. */
export function shown(value: Raw): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'a mapping';
  const json = typeof value === 'string' ? JSON.stringify(value.slice(0, SHOWN + 1)) : String(value);
  return json.length > SHOWN ? `${json.slice(0, SHOWN)}…` : json;
}

function bad(name: string, found: Raw, accepted: string): ConfigError {
  return new ConfigError('config.value', `${name}: ${shown(found)} is not ${accepted}`);
}

/** Trimmed. */
export function text(name: string, raw: Raw): string {
  if (typeof raw === 'string') return raw.trim();
  throw bad(name, raw, 'a text');
}

/** `true`, `True`, `TRUE`, `false` … as the runner's own `getBooleanInput` has it; a typo never means false. */
export function flag(name: string, raw: Raw): boolean {
  if (typeof raw === 'boolean') return raw;
  if (raw === 'true' || raw === 'True' || raw === 'TRUE') return true;
  if (raw === 'false' || raw === 'False' || raw === 'FALSE') return false;
  throw bad(name, raw, 'true or false');
}

export interface Range {
  readonly min: number;
  readonly max?: number;
  readonly integer?: boolean;
  /** The least value itself is not accepted. */
  readonly above?: boolean;
  /** The largest value itself is not accepted. */
  readonly below?: boolean;
}

export function number(name: string, raw: Raw, range: Range): number {
  const value = typeof raw === 'string' && DECIMAL.test(raw.trim()) ? Number(raw) : raw;
  if (typeof value === 'number' && isWithin(value, range)) return value;
  throw bad(name, raw, describeRange(range));
}

function isWithin(value: number, { min, max = Number.MAX_SAFE_INTEGER, integer, above, below }: Range): boolean {
  const inside = (above ? value > min : value >= min) && (below ? value < max : value <= max);
  return inside && (!integer || Number.isInteger(value));
}

/** `a whole number from 1 to 50`, `a number above 0 and below 1` … */
export function describeRange({ min, max, integer, above, below }: Range): string {
  const low = `${integer ? 'a whole number' : 'a number'} ${above ? 'above' : 'from'} ${min}`;
  if (max === undefined || max >= Number.MAX_SAFE_INTEGER) return above ? low : `${low} on`;
  if (below) return `${low} and below ${max}`;
  return above ? `${low} and at most ${max}` : `${low} to ${max}`;
}

export function oneOf<T extends string>(name: string, raw: Raw, accepted: readonly T[]): T {
  const value = typeof raw === 'string' ? raw.trim() : raw;
  const match = accepted.find((candidate) => candidate === value);
  if (match !== undefined) return match;
  throw new ConfigError('config.value', `${name}: ${shown(raw)} is none of ${accepted.join(', ')}`);
}

/** A text with commas, or with an entry a line (`- ` before it or not), or a list of texts. */
export function list(name: string, raw: Raw): readonly string[] {
  const parts = Array.isArray(raw) ? raw.map((entry) => text(name, entry)) : text(name, raw).split(/[,\r\n]/);
  return parts.map((part) => part.trim().replace(/^-(\s+|$)/, '')).filter((part) => part !== '');
}

/** Minutes, above 0 and at most a day: a number, or a length of time such as `90m` or `2h`. */
export function minutes(name: string, raw: Raw): number {
  const given = typeof raw === 'string' ? raw.trim() : raw;
  const value = typeof given === 'string' && TIME.test(given) ? ms(given as ms.StringValue) / 60_000 : given;
  try {
    return number(name, value, { min: 0, above: true, max: DAY_MINUTES });
  } catch {
    throw bad(name, raw, `a time of at most a day: minutes such as 60, or 90m, 2h`);
  }
}

/** Seconds, from 0 to a day: a number, or a length of time such as `90s` or `15m`. */
export function seconds(name: string, raw: Raw): number {
  const given = typeof raw === 'string' ? raw.trim() : raw;
  const value = typeof given === 'string' && TIME.test(given) ? ms(given as ms.StringValue) / 1000 : given;
  try {
    return number(name, value, { min: 0, max: DAY_MINUTES * 60 });
  } catch {
    throw bad(name, raw, 'a time of at most a day: seconds such as 600, or 90s, 15m');
  }
}

/** Seconds, above 0 and at most a day: a number, or a length of time such as `90s` or `2m`. */
export function span(name: string, raw: Raw): number {
  const value = seconds(name, raw);
  if (value > 0) return value;
  throw bad(name, raw, 'a time above 0: seconds such as 120, or 90s, 2m');
}

/** A path as the system takes it: nothing is expanded here, and a backslash is a separator on Windows alone. */
export function path(name: string, raw: Raw): string {
  const given = text(name, raw);
  const problem = pathProblem(given);
  if (problem === null) return given;
  throw new ConfigError('config.path', `${name}: ${shown(given)} ${problem}`);
}

/** What is wrong with a path, as the rest of a sentence; null where nothing is. */
export function pathProblem(given: string, platform: string = process.platform): string | null {
  if (/^~[^/\\]*([/\\]|$)/.test(given)) return 'starts with ~, which only a shell expands; write the path out';
  if (platform === 'win32' || !given.includes('\\')) return null;
  return 'has a backslash, which separates folders on Windows only; write /';
}

const URL_FORM = 'an http or https URL such as http://localhost:8000/v1';

/** An http(s) base URL in its normal form, without a slash at its end. */
export function baseUrl(name: string, raw: Raw): string {
  const given = text(name, raw);
  // What stands before an @, and in a query, may be a secret: it is not repeated.
  if (/^[^/?#]*:\/\/[^/?#]*@|^[^/?#]*:[^/?#]*@/.test(given)) {
    throw new ConfigError('config.value', `${name}: holds a user name or password; give the key as api-key instead`);
  }
  if (/[?#]/.test(given)) {
    throw new ConfigError(
      'config.value',
      `${name}: ${shown(given.replace(/[?#].*$/s, ''))} is followed by a query or fragment, which a base URL can't have; ` +
        'give what stands before it (on Azure: https://NAME.openai.azure.com/openai/v1)',
    );
  }
  const url = URL.canParse(given) ? new URL(given) : null;
  if (url === null || !/^https?:\/\//i.test(given)) throw bad(name, given, URL_FORM);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
