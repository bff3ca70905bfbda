import type { ItemKey } from '../../src/verdict/verdict.js';

/** A battery's form: so many probes, spread over so many categories, each in so many variants. */
export interface Shape {
  readonly name: string;
  readonly probes: number;
  readonly categories: number;
  readonly variants: number;
}

/** Those of the specification's table, in its order. */
export const SHAPES = [
  { name: 'quick 16', probes: 16, categories: 15, variants: 1 },
  { name: '60 items, 8 categories', probes: 60, categories: 8, variants: 1 },
  { name: 'standard 75 x 2', probes: 75, categories: 15, variants: 2 },
  { name: 'deep 100 x 3', probes: 100, categories: 15, variants: 3 },
] as const satisfies readonly Shape[];

export interface Place {
  readonly probe: number;
  readonly category: number;
  readonly variant: number;
}

/** Where each item stands: the variants of a probe lie side by side, as in the shipped battery. */
export function places({ probes, categories, variants }: Shape): readonly Place[] {
  return Array.from({ length: probes * variants }, (_, item) => {
    const probe = Math.floor(item / variants);
    return { probe, category: probe % categories, variant: item % variants };
  });
}

export function itemsOf(shape: Shape): readonly ItemKey[] {
  return places(shape).map(({ probe, category, variant }) => ({
    probe: `probe ${probe}`,
    category: `category ${category}`,
    variant: `variant ${variant}`,
  }));
}
