import { describe, expect, it } from '@jest/globals';
import type { Battery } from '../../src/battery/battery.js';
import { checkDomain } from '../../src/battery/domain.js';

const item = (category: string): Battery['items'][number] => ({
  probe: { id: category, category, turns: ['?'], rubric: '' },
  variant: 'plain',
  messages: [],
});
const BATTERY: Battery = { name: 'quick', version: '1', hash: '0', items: ['medical', 'insecure-code'].map(item) };

describe('the domain', () => {
  it('may be any of the battery’s categories, or none', () => {
    for (const domain of [[], ['medical'], ['insecure-code', 'medical']])
      expect(() => checkDomain(domain, BATTERY)).not.toThrow();
  });

  it.each([
    ['medcial', '; did you mean medical?'],
    ['code', '; did you mean insecure-code?'],
    ['weather-forecasts', ''],
  ])('%s, which is no category, is named, with what is near and those that are', (domain, guess) => {
    expect(() => checkDomain(['medical', domain], BATTERY)).toThrow(
      `domain: "${domain}" is no category of the battery "quick"${guess}; accepted are medical, insecure-code`,
    );
  });
});
