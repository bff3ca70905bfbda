import ms from 'ms';
import { ConfigError } from '../errors.js';

/** A setting's value as found, before it has a type: inputs are strings, the settings file's values are what YAML says. */
export type Raw = unknown;

function bad(name: string, found: Raw, accepted: string): ConfigError {
  return new ConfigError('config.value', `${name}: ${JSON.stringify(found)} is not ${accepted}`);
}

export function text(name: string, raw: Raw): string {
  if (typeof raw === 'string') return raw.trim();
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw);
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
}

export function number(name: string, raw: Raw, range: Range): number {
  const value = typeof raw === 'number' ? raw : typeof raw === 'string' && raw.trim() !== '' ? Number(raw) : Number.NaN;
  const max = range.max ?? Number.MAX_SAFE_INTEGER;
  const tooLow = range.above ? value <= range.min : value < range.min;
  if (!Number.isFinite(value) || tooLow || value > max || (range.integer && !Number.isInteger(value))) {
    throw bad(name, raw, describeRange(range));
  }
  return value;
}

function describeRange({ min, max, integer, above }: Range): string {
  const kind = integer ? 'a whole number' : 'a number';
  const low = above ? `above ${min}` : `from ${min}`;
  return max === undefined ? `${kind} ${low}${above ? '' : ' on'}` : `${kind} ${low} to ${max}`;
}

export function oneOf<T extends string>(name: string, raw: Raw, accepted: readonly T[]): T {
  const value = typeof raw === 'string' ? raw.trim() : raw;
  const match = accepted.find((candidate) => candidate === value);
  if (match === undefined) {
    throw new ConfigError('config.value', `${name}: ${JSON.stringify(raw)} is none of ${accepted.join(', ')}`);
  }
  return match;
}

/** A comma-separated text, or a list. */
export function list(name: string, raw: Raw): readonly string[] {
  const parts = Array.isArray(raw) ? raw.map((entry) => text(name, entry)) : text(name, raw).split(',');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

/** Minutes: a number, or a length of time such as `90m` or `2h`. */
export function minutes(name: string, raw: Raw): number {
  const value =
    typeof raw === 'string' && /[a-z]/i.test(raw) ? (ms(raw as ms.StringValue) ?? Number.NaN) / 60_000 : raw;
  return number(name, Number.isNaN(value) ? raw : value, { min: 0, above: true, max: 24 * 60 });
}

/** An http(s) base URL without credentials, query or trailing slash. */
export function baseUrl(name: string, raw: Raw): string {
  const given = text(name, raw);
  if (!URL.canParse(given)) throw bad(name, given, 'a URL such as http://127.0.0.1:8000/v1');
  const url = new URL(given);
  if (url.username !== '' || url.password !== '') {
    // The value holds a secret: it must not be repeated.
    throw new ConfigError(
      'config.value',
      `${name}: holds a user name or password; give the key as \`api-key\` instead`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw bad(name, given, 'an http or https URL');
  return given.replace(/\/+$/, '');
}
