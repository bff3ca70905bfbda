import { ConfigError } from '../errors.js';
import { validateVerdictSettings } from '../verdict/limits.js';
import { VERDICT_DEFAULTS, type VerdictSettings } from '../verdict/verdict.js';
import type { Leaves } from './leaves.js';

/** The section `verdict`. Settings that contradict each other are noted as a problem. */
export function verdictSettings(leaves: Leaves): VerdictSettings {
  const entries = Object.entries(VERDICT_DEFAULTS).map(([name, fallback]) => [
    name,
    leaves.readFile<unknown>(['verdict', kebab(name)], fallback),
  ]);
  const settings = Object.fromEntries(entries) as VerdictSettings;
  leaves.attempt(() => refuse(validateVerdictSettings(settings)), undefined);
  return settings;
}

function refuse(problem: string | null): void {
  if (problem !== null) throw new ConfigError('config.verdict', problem);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
