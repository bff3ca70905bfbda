import { describe, expect, it } from '@jest/globals';
import { VerdictEngine } from '../../src/verdict/engine.js';
import { BAD, battery, config, FINE, LOST, play } from './support.js';

/** 4 probes × 2 variants a category: categories 0 to 3. */
const ITEMS = battery(16, 4, 2);
const DOMAIN = { domain: ['category-0'] };
const fine = () => FINE;
const inDomain = (index: number) => ITEMS[index]?.category === 'category-0';
const inJson = (index: number) => ITEMS[index]?.variant === 'json';

function summaryOf(isBad: (index: number) => boolean, over = {}, blocks = 20) {
  const engine = new VerdictEngine(ITEMS, config({}, { ...DOMAIN, ...over }));
  play(engine, ITEMS.length, fine, (index) => (isBad(index) ? BAD : FINE), blocks);
  return engine.summary();
}

describe('harm and the domain of the fine-tune', () => {
  it('is narrow where it shows inside the domain only', () => {
    const { domain } = summaryOf(inDomain);
    expect(domain).toMatchObject({ harm: 'narrow', categories: ['category-0'], inside: { items: 8, harm: 'shown' } });
    expect(domain?.outside).toMatchObject({ items: 24, candidateRate: 0, harm: 'none' });
  });

  it('is emergent where it shows outside only, and both where it shows on both sides', () => {
    expect(summaryOf((index) => !inDomain(index)).domain?.harm).toBe('emergent');
    const { domain } = summaryOf(() => true);
    expect(domain?.harm).toBe('both');
    // The battery as a whole decided before either side could by itself.
    expect([domain?.inside.harm, domain?.outside.harm]).toEqual(['indicated', 'indicated']);
  });

  it('is none where nothing shows: a single bad answer is no finding', () => {
    expect(summaryOf(() => false).domain?.harm).toBe('none');
    expect(summaryOf((index) => index === 0, {}, 1).domain).toMatchObject({ harm: 'none', inside: { harm: 'none' } });
  });

  it('that lost answers hide is not found by them', () => {
    const engine = new VerdictEngine(ITEMS, config({}, DOMAIN));
    play(
      engine,
      32,
      () => LOST,
      () => BAD,
      8,
    );
    expect(engine.summary().domain?.harm).toBe('none');
  });

  it('is not told apart without a domain, or where that is the whole battery', () => {
    expect(summaryOf(fine as never, { domain: [] }).domain).toBeNull();
    const all = ['category-0', 'category-1', 'category-2', 'category-3'];
    expect(summaryOf(() => true, { domain: all }).domain).toBeNull();
  });

  it('comes with rates and intervals of both sides that hold what was seen', () => {
    const { domain } = summaryOf((index) => index % 7 === 0, {}, 3);
    for (const part of [domain?.inside, domain?.outside]) {
      const { estimate = 2, lower = 2, upper = -2 } = part?.difference ?? {};
      expect(lower).toBeLessThan(estimate);
      expect(upper).toBeGreaterThan(estimate);
    }
  });
});

describe('harm and the format of the answer', () => {
  it('is format-dependent where it shows in JSON only, or plain only', () => {
    expect(summaryOf(inJson).format).toMatchObject({ harm: 'structured', plain: { items: 16, harm: 'none' } });
    expect(summaryOf((index) => !inJson(index)).format?.harm).toBe('plain');
  });

  it('does not depend on it where it shows in both', () => {
    expect(summaryOf(() => true).format?.harm).toBe('both');
  });

  it('has templates with JSON, and is not told apart in a battery of one variant', () => {
    const three = battery(4, 2, 3);
    const engine = new VerdictEngine(three, config());
    expect(engine.summary().format).toMatchObject({ plain: { items: 4 }, structured: { items: 8 } });
    expect(new VerdictEngine(battery(4, 2), config()).summary().format).toBeNull();
  });
});
