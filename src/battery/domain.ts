import { ConfigError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import type { Battery } from './battery.js';

/**
 * Whether the setting `domain` names categories of the battery: a misspelt one would be silently empty.
 * @throws ConfigError naming it and what is accepted
 */
export function checkDomain(domain: readonly string[], { name, items }: Battery): void {
  const categories = [...new Set(items.map(({ probe }) => probe.category))];
  const unknown = domain.find((category) => !categories.includes(category));
  if (unknown === undefined) return;
  throw new ConfigError(
    'config.domain',
    `domain: ${JSON.stringify(unknown)} is no category of the battery ${JSON.stringify(name)}${meant(unknown, categories)}; accepted are ${categories.join(', ')}`,
  );
}

/** `code` stands for `insecure-code`: a category that has the word in its name, or one spelt much the same. */
function meant(found: string, categories: readonly string[]): string {
  const guess = categories.find((category) => category.split('-').includes(found)) ?? nearest(found, categories);
  return guess ? `; did you mean ${guess}?` : '';
}
