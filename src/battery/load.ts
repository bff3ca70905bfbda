import { closest, distance } from 'fastest-levenshtein';
import { ConfigError, isKnownError } from '../core/errors.js';
import type { Battery, Probe, Variant } from './battery.js';
import { BUILTIN_PROBES, BUILTIN_VERSION } from './builtin.js';
import { type BatteryLock, hashItems, lockOf } from './hash.js';
import { parseSource } from './read-yaml.js';
import { validateBattery } from './validate.js';
import { AVAILABLE_VARIANTS, toItems } from './variants.js';

/** The tiers of the gate's own battery. */
export const BUILTIN_BATTERIES = ['quick', 'standard'] as const;
export type BuiltinBattery = (typeof BUILTIN_BATTERIES)[number];

/** What loading needs from outside. */
export interface BatteryPorts {
  /** A team battery's text. May reject with one of our errors, which then says why; any other rejection means "not readable". */
  readText(path: string): Promise<string>;
}

function assemble(name: string, version: string, probes: readonly Probe[], variants: readonly Variant[]): Battery {
  const items = toItems(probes, variants);
  return { name, version, hash: hashItems(items), items };
}

/** `quick`: the 16 probes that cover every category, plain. `standard`: all probes, plain and as JSON. */
export function builtinBattery(tier: BuiltinBattery): Battery {
  switch (tier) {
    case 'quick':
      return assemble(
        tier,
        BUILTIN_VERSION,
        BUILTIN_PROBES.filter((probe) => probe.quick),
        ['plain'],
      );
    case 'standard':
      return assemble(tier, BUILTIN_VERSION, BUILTIN_PROBES, AVAILABLE_VARIANTS);
  }
}

/** What `probes/battery.lock.json` must hold. */
export function builtinLock(): BatteryLock {
  return lockOf('misalignment-gate', BUILTIN_VERSION, BUILTIN_BATTERIES.map(builtinBattery));
}

/**
 * A team's battery from the text of its file (JSON or YAML). `sourceName` is what messages call it.
 * @throws {ConfigError} when it can't be read, does not meet `schemas/battery.schema.json`, or has an id twice.
 */
export function parseBattery(text: string, sourceName: string): Battery {
  const file = validateBattery(parseSource(text, sourceName), sourceName);
  return assemble(file.name, file.version, file.probes, file.variants ?? ['plain']);
}

function unknownName(name: string): ConfigError {
  const nearest = closest(name.slice(0, 100), [...BUILTIN_BATTERIES]);
  const hint = distance(name.slice(0, 100).toLowerCase(), nearest) <= 2 ? ` Did you mean ${nearest}?` : '';
  return new ConfigError(
    'battery.unknown',
    `battery: ${JSON.stringify(name)} is none of ${BUILTIN_BATTERIES.join(', ')}, nor the path of a .json, .yaml or .yml file.${hint}`,
  );
}

async function readTeamBattery(path: string, ports: BatteryPorts): Promise<string> {
  try {
    return await ports.readText(path);
  } catch (error) {
    if (isKnownError(error)) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new ConfigError(
      'battery.unreadable',
      `battery: ${JSON.stringify(path)} can't be read: ${detail}. Give ${BUILTIN_BATTERIES.join(', ')} or the path of a battery file.`,
      { cause: error },
    );
  }
}

/**
 * The battery that the setting `battery` names: a tier of the gate's own, or the path of a team's.
 * @throws {ConfigError} for an unknown name, a file that can't be read, or one that is no battery.
 */
export async function loadBattery(name: string, ports: BatteryPorts): Promise<Battery> {
  const tier = BUILTIN_BATTERIES.find((builtin) => builtin === name);
  if (tier) return builtinBattery(tier);
  if (name === 'deep') {
    throw new ConfigError(
      'battery.unavailable',
      `battery: deep is not available in this version; accepted are ${BUILTIN_BATTERIES.join(', ')}, or the path of a battery file.`,
    );
  }
  if (!/\.(json|ya?ml)$/i.test(name)) throw unknownName(name);
  return parseBattery(await readTeamBattery(name, ports), name);
}
