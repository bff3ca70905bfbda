import { ConfigError } from '../../core/errors.js';
import type { Leaves } from '../precedence.js';
import type { Price, Settings } from '../settings.js';
import { isServed, servedName } from './endpoints.js';

type Prices = Settings['prices'];

/**
 * Without a prototype, so that a model named `constructor` has no price either.
 * @throws ConfigError for a model that has two
 */
export function pricesOf(leaves: Leaves): Prices {
  const prices: Prices = Object.assign(Object.create(null), leaves.readFile(['prices'], {}));
  leaves.attempt(() => refuseTwoPrices(prices), undefined);
  return prices;
}

/** A model's price, under whichever of its two spellings it stands; null where there is none. */
export function priceOf(reference: string, prices: Prices): Price | null {
  const name = servedName(reference);
  return prices[name] ?? prices[`openai:${name}`] ?? null;
}

function refuseTwoPrices(prices: Prices): void {
  const [twice] = Object.keys(prices).filter((key) => servedName(key) !== key && servedName(key) in prices);
  if (twice === undefined) return;
  const [key, name] = [twice, servedName(twice)].map((spelling) => JSON.stringify(spelling));
  throw new ConfigError(
    'config.prices',
    `prices: ${key} and ${name} are one model, which has one price; leave one out`,
  );
}

/**
 * A limit on spend can be kept only where every served model has a price.
 * @throws ConfigError naming all models without one, and the keys to set
 */
export function refuseUnknownPrices(
  settings: Pick<Settings, 'maxCostUsd' | 'prices' | 'candidate' | 'baseline' | 'judge'>,
) {
  if (settings.maxCostUsd === null) return;
  const { candidate, baseline, judge } = settings;
  const roles = Object.entries({ candidate, baseline, judge, ...(judge.confirm ? { confirm: judge.confirm } : {}) });
  const unknown = roles
    .map(([role, { reference }]) => ({ role, reference, name: servedName(reference) }))
    .filter(({ reference }) => isServed(reference) && priceOf(reference, settings.prices) === null);
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
