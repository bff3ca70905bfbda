import { getInput, setSecret } from '@actions/core';
import { DEFAULT_CONFIG_PATH } from '../config/find-settings.js';
import { INPUTS } from '../config/inputs.js';
import { oneOf } from '../config/parse-values.js';
import { CONFIG_FROM } from '../config/settings.js';

/** The inputs as the workflow gave them; an empty string counts as not given. */
export interface ActionInputs {
  /** Every input but the token, for `resolveSettings`. */
  readonly values: Readonly<Record<string, string>>;
  readonly token: string;
  readonly config: string;
  /** Whether the workflow itself named the settings file: then its absence from a checkout is an error. */
  readonly configGiven: boolean;
}

export function readInputs(): ActionInputs {
  const given = Object.fromEntries(INPUTS.map(({ name }) => [name, getInput(name)]));
  const { 'github-token': token = '', ...values } = given;
  const config = values.config ?? '';
  return { values, token, config: config || DEFAULT_CONFIG_PATH, configGiven: config !== '' };
}

/**
 * Where settings are read on pull requests and merge groups.
 * @throws ConfigError on anything but the three accepted words.
 */
export function configFrom(inputs: ActionInputs): (typeof CONFIG_FROM)[number] {
  return oneOf('config-from', inputs.values['config-from'] || 'default-branch', CONFIG_FROM);
}

/** Every key and token the run was given, the environment's included. */
export function secretsOf(inputs: ActionInputs, environment: Readonly<Record<string, string | undefined>>): string[] {
  const fromInputs = INPUTS.filter(({ secret }) => secret).map(({ name }) => inputs.values[name] ?? '');
  return [...fromInputs, inputs.token, environment.OPENAI_API_KEY?.trim() ?? ''].filter((secret) => secret !== '');
}

/** Hides secrets in the log. The runner masks line by line, so each line of a secret is one of its own. */
export function maskSecrets(secrets: readonly string[]): void {
  for (const secret of secrets) {
    setSecret(secret);
    const lines = secret.split(/\r\n|\r|\n/).filter((line) => line.trim() !== '');
    if (lines.length > 1) lines.forEach(setSecret);
  }
}
