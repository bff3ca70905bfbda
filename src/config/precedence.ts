import { ConfigError } from '../core/errors.js';
import type { EffectiveSetting, SettingSource } from '../report/report.js';
import type { Raw } from './parse-values.js';
import type { GivenSettings } from './settings.js';
import type { FileSettings } from './settings-file.js';

/** A value with where it came from. */
export interface Sourced {
  readonly value: Raw;
  readonly source: SettingSource;
}

export type Parse<T> = (name: string, raw: Raw) => T;

/** Without these there is no run: they have no default that a lock could hold to. */
const WITHOUT_DEFAULT = ['candidate', 'baseline', 'judge'];

/**
 * Precedence, leaf by leaf. Elsewhere than on pull requests: input or flag, then settings file. On pull requests
 * (`fileWins`) the file comes first for what it locks, so that a PR can't weaken its own gate through its workflow's inputs.
 * What is wrong is collected, so that the user learns of everything at once.
 */
export class Leaves {
  readonly #effective = new Map<string, EffectiveSetting>();
  readonly #overruled = new Set<string>();
  readonly #problems: ConfigError[] = [];
  readonly #locked: ReadonlySet<string>;

  constructor(
    private readonly given: GivenSettings,
    private readonly file: FileSettings,
    fileWins: boolean,
  ) {
    const locked = Array.isArray(file.locked) ? file.locked.map(String) : Object.keys(file);
    this.#locked = new Set(fileWins ? locked : []);
  }

  /** Inputs that a locked settings file overruled: the report names them. */
  get overruled(): readonly string[] {
    return [...this.#overruled];
  }

  get effective(): readonly EffectiveSetting[] {
    return [...this.#effective.values()];
  }

  /** The value of a setting that is an input; `path` says where the file holds it, if not under the same name. */
  find(name: string, path: readonly string[] = [name]): Sourced | null {
    const input = this.inputValue(name);
    const inFile = this.fileValue(path);
    const locked = this.isLocked(path) && (inFile !== undefined || this.#keepsDefault(name, path));
    if (input !== null && !locked) return { value: input, source: this.given.source };
    if (input !== null && String(inFile) !== input) this.overrule(name);
    return inFile === undefined ? null : { value: inFile, source: 'file' };
  }

  /** Locked by name without being set: the default is what is locked. */
  #keepsDefault(name: string, path: readonly string[]): boolean {
    return !Object.hasOwn(this.file, path[0] ?? '') && !WITHOUT_DEFAULT.includes(name);
  }

  overrule(name: string): void {
    this.#overruled.add(name);
  }

  /** Whether the file's value at this path overrules inputs. */
  isLocked(path: readonly string[]): boolean {
    return this.#locked.has(path[0] ?? '');
  }

  /** Finds, checks, lists. A wrong value is noted as a problem, see `refuseProblems`. */
  read<T>(name: string, parse: Parse<T>, fallback: T): T {
    const found = this.find(name);
    const value = found ? this.attempt(() => parse(name, found.value), fallback) : fallback;
    this.list(name, value, found?.source ?? 'default');
    return value;
  }

  /** What only the settings file may hold; its schema has checked it. */
  readFile<T>(path: readonly string[], fallback: T): T {
    const value = this.fileValue(path);
    this.list(path.join('.'), value ?? fallback, value === undefined ? 'default' : 'file');
    return (value ?? fallback) as T;
  }

  /** For the report. What was listed before stays. */
  list(name: string, value: unknown, source: SettingSource): void {
    // Lists as an input would give them, so that the value can be given again.
    const shown = Array.isArray(value) ? value.join(', ') : value;
    if (shown === null || shown === '' || this.#effective.has(name)) return;
    this.#effective.set(name, { name, value: typeof shown === 'string' ? shown : JSON.stringify(shown), source });
  }

  inputValue(name: string): string | null {
    const value = Object.hasOwn(this.given.values, name) ? (this.given.values[name]?.trim() ?? '') : '';
    return value === '' ? null : value;
  }

  fileValue(path: readonly string[]): Raw {
    let at: unknown = this.file;
    for (const key of path) {
      if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
      at = (at as Record<string, unknown>)[key];
    }
    return at;
  }

  /** Does a step; a configuration error is kept for later, and `otherwise` stands in. */
  attempt<T>(step: () => T, otherwise: T): T {
    try {
      return step();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      this.#problems.push(error);
      return otherwise;
    }
  }

  /** @throws ConfigError with all problems so far, one a line. */
  refuseProblems(): void {
    const [first, ...others] = this.#problems;
    if (!first) return;
    throw others.length === 0
      ? first
      : new ConfigError(first.code, this.#problems.map(({ message }) => message).join('\n'));
  }
}
