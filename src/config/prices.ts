import { ConfigError } from '../errors.js';
import { isServed } from './endpoints.js';
import type { Leaves } from './leaves.js';
import type { Price, Settings } from './settings.js';

/** Without a prototype, so that a model named `constructor` has no price either. */
export function pricesOf(leaves: Leaves): Readonly<Record<string, Price>> {
  return Object.assign(Object.create(null), leaves.readFile(['prices'], {}));
}

/**
 * A limit on spend can be kept only where every served model has a price.
 * @throws ConfigError naming all models without one.
 */
export function refuseUnknownPrices(
  settings: Pick<Settings, 'maxCostUsd' | 'prices' | 'candidate' | 'baseline' | 'judge'>,
) {
  if (settings.maxCostUsd === null) return;
  const { candidate, baseline, judge } = settings;
  const roles = Object.entries({ candidate, baseline, judge, ...(judge.confirm ? { confirm: judge.confirm } : {}) });
  const unknown = roles
    .map(([role, { reference }]) => ({ role, reference }))
    .filter(({ reference }) => isServed(reference))
    .map(({ role, reference }) => ({ role, reference, name: reference.replace(/^openai:/, '') }))
    .filter(({ reference, name }) => !(reference in settings.prices || name in settings.prices));
  if (unknown.length === 0) return;
  const who = unknown.map(({ role, name }) => `${JSON.stringify(name)} (${role})`).join(', ');
  const entries = [...new Set(unknown.map(({ name }) => `${JSON.stringify(name)}: { input: USD, output: USD }`))].join(
    ', ',
  );
  throw new ConfigError(
    'config.prices',
    `max-cost-usd: spend can't be limited, because the price of ${who} is unknown. Give it in the settings file, in US dollars ` +
      `a million tokens (0 for a server of your own): \`prices: { ${entries} }\`; or leave max-cost-usd out`,
  );
}
