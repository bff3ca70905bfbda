import { resolveSettings } from '../../src/config/resolve.js';
import type { ResolvedSettings, ResolveRequest } from '../../src/config/settings.js';
import { ConfigError } from '../../src/core/errors.js';

/** The least that a run needs: a candidate, a baseline, and a judge that is served nowhere. */
export const LEAST = { candidate: 'tuned', baseline: 'base', judge: 'embedded' } as const;

export interface Situation {
  readonly inputs?: Readonly<Record<string, string>>;
  /** Text of the settings file. */
  readonly file?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly source?: 'input' | 'flag';
  readonly candidateFromFile?: string;
}

function request({ inputs = {}, file, env = {}, source = 'input', candidateFromFile }: Situation): ResolveRequest {
  return {
    given: { values: inputs, source },
    file: file === undefined ? null : { text: file, path: 'gate.yml', where: 'checkout' },
    environment: env,
    fileWins: false,
    ...(candidateFromFile === undefined ? {} : { candidateFromFile: { reference: candidateFromFile, identity: 'x' } }),
  };
}

export function resolve(situation: Situation): ResolvedSettings {
  return resolveSettings(request(situation));
}

/** As on a pull request, whose author writes the workflow's inputs. */
export function resolveOnPullRequest(situation: Situation): ResolvedSettings {
  return resolveSettings({ ...request(situation), fileWins: true });
}

/** The message of the configuration error that an action ends in. */
export function complaint(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}

/** What is said against a settings file beside which nothing is missing. */
export function complaintAboutFile(file: string): string {
  return complaint(() => resolve({ inputs: LEAST, file })).replace('gate.yml (checkout): ', '');
}

export function complaintAboutInput(inputs: Readonly<Record<string, string>>): string {
  return complaint(() => resolve({ inputs: { ...LEAST, ...inputs } }));
}

/** Where the report says a setting came from. */
export function sourceOf({ effective }: ResolvedSettings, name: string): string | undefined {
  return effective.find((setting) => setting.name === name)?.source;
}

export function listedValue({ effective }: ResolvedSettings, name: string): string | undefined {
  return effective.find((setting) => setting.name === name)?.value;
}
