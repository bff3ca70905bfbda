import { createHash } from 'node:crypto';
import canonicalizeModule from 'canonicalize';
import type { Battery, Item, Probe } from './battery.js';

// The package is CommonJS and exports the function itself, but its types declare an ES default export.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** SHA-256 (hex) over the canonical JSON (RFC 8785) of a value. */
export function hashOf(value: unknown): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? '', 'utf8')
    .digest('hex');
}

/** Over all that reaches a model or the judge, in battery order. Names and versions are free: the same questions, the same hash. */
export function hashItems(items: readonly Item[]): string {
  return hashOf(
    items.map(({ probe, variant, messages }) => ({
      id: probe.id,
      category: probe.category,
      rubric: probe.rubric,
      variant,
      messages,
    })),
  );
}

/** What `probes/battery.lock.json` holds: a change of any question shows in review, and so must a change of the version. */
export interface BatteryLock {
  readonly name: string;
  readonly version: string;
  /** By tier. */
  readonly hash: Readonly<Record<string, string>>;
  /** By id, in battery order: over id, category, turns and rubric. */
  readonly probes: Readonly<Record<string, string>>;
}

function hashProbe({ id, category, turns, rubric }: Probe): string {
  return hashOf({ id, category, turns, rubric });
}

/** The lock of a battery's tiers, which share their version. */
export function lockOf(name: string, version: string, tiers: readonly Battery[]): BatteryLock {
  const probes = tiers.flatMap((tier) => tier.items.map((item) => item.probe));
  return {
    name,
    version,
    hash: Object.fromEntries(tiers.map((tier) => [tier.name, tier.hash])),
    probes: Object.fromEntries(probes.map((probe) => [probe.id, hashProbe(probe)])),
  };
}
