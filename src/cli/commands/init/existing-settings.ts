import { readFile } from 'node:fs/promises';
import { parseSettingsFile } from '../../../config/settings-file.js';
import { ConfigError } from '../../../core/errors.js';

/** What a workflow that goes by an earlier settings file needs to know of it. */
export interface KeptSettings {
  readonly candidate: string | undefined;
  readonly baseline: string | undefined;
  /** Whether `models.candidate` says how a candidate is asked: by llama.cpp's adapter, for instance. */
  readonly asksCandidateApart: boolean;
  /** The settings that name a server on the machine of the job itself, with their URLs. */
  readonly local: readonly (readonly [setting: string, url: string])[];
}

const ROLES = ['candidate', 'baseline', 'judge', 'confirm'] as const;
const URLS = ['base-url', ...ROLES.slice(0, 3).map((role) => `${role}-base-url`)];
const LOOPBACK = /^(localhost|.*\.localhost|127(\.\d+){3}|0\.0\.0\.0|\[::1?\])$/;

/** A file that the program would not accept tells nothing here; a run names what is wrong with it. */
export async function readKept(path: string): Promise<KeptSettings> {
  const text = await readFile(path, 'utf8');
  try {
    return keptOf(parseSettingsFile({ text, path, where: 'checkout' }));
  } catch (error) {
    if (error instanceof ConfigError)
      return { candidate: undefined, baseline: undefined, asksCandidateApart: false, local: [] };
    throw error;
  }
}

function keptOf(file: Readonly<Record<string, unknown>>): KeptSettings {
  const models = (file.models ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>> | undefined>>;
  const urls = [
    ...URLS.map((name) => [name, file[name]] as const),
    ...ROLES.map((role) => [`models.${role}.base-url`, models[role]?.['base-url']] as const),
  ];
  return {
    candidate: typeof file.candidate === 'string' ? file.candidate : undefined,
    baseline: typeof file.baseline === 'string' ? file.baseline : undefined,
    asksCandidateApart: models.candidate !== undefined,
    local: urls.flatMap(([name, url]) => (typeof url === 'string' && isLoopback(url) ? [[name, url] as const] : [])),
  };
}

function isLoopback(url: string): boolean {
  return URL.canParse(url) && LOOPBACK.test(new URL(url).hostname);
}
