import { ConfigError } from '../errors.js';
import type { EffectiveSetting, SettingSource } from '../report/report.js';
import type { FileSettings } from './file.js';
import type { GivenSettings } from './settings.js';
import type { Raw } from './values.js';

/** A value with where it came from. */
export interface Sourced {
  readonly value: Raw;
  readonly source: SettingSource;
}

/**
 * Precedence, leaf by leaf. Elsewhere than on pull requests: input or flag, then settings file. On pull requests
 * (`fileWins`) the file comes first for what it locks, so that a PR can't weaken its own gate through its workflow's inputs.
 */
export class Leaves {
  readonly #listed: EffectiveSetting[] = [];
  readonly #overruled: string[] = [];
  readonly #locked: ReadonlySet<string>;

  constructor(
    private readonly given: GivenSettings,
    private readonly file: FileSettings,
    private readonly fileWins: boolean,
  ) {
    const locked = Array.isArray(file.locked) ? file.locked.map(String) : Object.keys(file);
    this.#locked = new Set(fileWins ? locked : []);
  }

  /** Inputs that a locked settings file overruled: the report names them. */
  get overruled(): readonly string[] {
    return this.#overruled;
  }

  get listed(): readonly EffectiveSetting[] {
    return this.#listed;
  }

  /** The value of a setting that is an input; `path` says where the file holds it, if not under the same name. */
  find(name: string, path: readonly string[] = [name]): Sourced | null {
    const input = this.inputValue(name);
    const inFile = this.fileValue(path);
    if (inFile !== undefined && (input === null || this.isLocked(path))) {
      if (input !== null && String(inFile) !== input) this.#overruled.push(name);
      return { value: inFile, source: 'file' };
    }
    return input === null ? null : { value: input, source: this.given.source };
  }

  /** Whether the file's value at this path overrules inputs. */
  isLocked(path: readonly string[]): boolean {
    return this.#locked.has(path[0] ?? '');
  }

  /** Reads, checks, lists. The default is listed as such. */
  read<T>(name: string, parse: (name: string, raw: Raw) => T, fallback: T, path: readonly string[] = [name]): T {
    const found = this.find(name, path);
    const value = found ? parse(found.source === 'file' ? path.join('.') : name, found.value) : fallback;
    this.list(path.length > 1 ? path.join('.') : name, value, found?.source ?? 'default');
    return value;
  }

  /** Reads what only the settings file may hold. */
  readFile<T>(path: readonly string[], parse: (name: string, raw: Raw) => T, fallback: T): T {
    const raw = this.fileValue(path);
    const value = raw === undefined ? fallback : parse(path.join('.'), raw);
    this.list(path.join('.'), value, raw === undefined ? 'default' : 'file');
    return value;
  }

  list(name: string, value: unknown, source: SettingSource): void {
    if (value === null || value === '') return;
    this.#listed.push({ name, value: typeof value === 'string' ? value : JSON.stringify(value), source });
  }

  inputValue(name: string): string | null {
    const value = this.given.values[name]?.trim() ?? '';
    return value === '' ? null : value;
  }

  fileValue(path: readonly string[]): Raw {
    let at: unknown = this.file;
    for (const key of path) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
      at = (at as Record<string, unknown>)[key];
    }
    return at ?? undefined;
  }
}

export function required(name: string, found: Sourced | null, accepted: string): Sourced {
  if (found) return found;
  throw new ConfigError(
    'config.missing',
    `${name}: not given. Give it as an input, a flag (--${name}) or in the settings file: ${accepted}`,
  );
}
