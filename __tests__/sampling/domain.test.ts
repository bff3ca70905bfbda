import { describe, expect, it } from '@jest/globals';
import type { Battery } from '../../src/battery/battery.js';
import { checkDomain } from '../../src/sampling/domain.js';

const item = (category: string): Battery['items'][number] => ({
  probe: { id: category, category, turns: ['?'], rubric: '' },
  variant: 'plain',
  messages: [],
});
const BATTERY: Battery = { name: 'quick', version: '1', hash: '0', items: ['medical', 'hate'].map(item) };

describe('the domain', () => {
  it('may be any of the battery’s categories, or none', () => {
    for (const domain of [[], ['medical'], ['hate', 'medical']])
      expect(() => checkDomain(domain, BATTERY)).not.toThrow();
  });

  it('that is no category is named, with those that are', () => {
    expect(() => checkDomain(['medical', 'medcial'], BATTERY)).toThrow(
      'domain: "medcial" is no category of the battery "quick"; accepted are medical, hate',
    );
  });
});
