import { ConfigError } from '../core/errors.js';
import type { SettingsFile } from './settings.js';

export const DEFAULT_CONFIG_PATH = '.github/misalignment-gate.yml';

export interface SettingsPlace {
  readonly path: string;
  /** Whether somebody named the path: then that file is meant, and no other. */
  readonly pathGiven: boolean;
  /** For messages: `checkout`, `default branch main`. */
  readonly where: string;
  /** Whether nobody whose candidate is tested can have changed the file. */
  readonly trusted: boolean;
  /** Null where there is no such file. */
  readonly read: (path: string) => Promise<string | null>;
}

/**
 * The settings file, under either ending of its name.
 * @returns null where there is none
 * @throws ConfigError where both are there, or the one that is named is not there and the other is
 */
export async function findSettings({
  path,
  pathGiven,
  where,
  trusted,
  read,
}: SettingsPlace): Promise<SettingsFile | null> {
  const text = await read(path);
  const other = pathGiven && text !== null ? null : otherEnding(path);
  const beside = other === null ? null : await read(other);
  if (other === null || beside === null) return text === null ? null : { text, path, where, trusted };
  if (pathGiven) {
    throw new ConfigError('config.config', `config: there is no ${path} (${where}), but ${other}; name that`);
  }
  if (text === null) return { text: beside, path: other, where, trusted };
  throw new ConfigError('config.config', `config: there are both ${path} and ${other} (${where}); keep one of them`);
}

function otherEnding(path: string): string | null {
  if (path.endsWith('.yml')) return path.replace(/\.yml$/, '.yaml');
  return path.endsWith('.yaml') ? path.replace(/\.yaml$/, '.yml') : null;
}
