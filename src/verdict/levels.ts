import type { ItemKey, LevelKind } from './verdict.js';

export type { LevelKind } from './verdict.js';

/** A set of items about which both hypotheses are tested: the battery, one group of it, one probe in all its variants. */
export interface Level {
  readonly kind: LevelKind;
  /** Empty for the battery. */
  readonly name: string;
  /** Indices of its items, ascending. */
  readonly items: readonly number[];
  /** Its share of the merged FAIL process; the shares sum to 1. */
  readonly weight: number;
}

/** How the FAIL process is shared out. A mean of e-processes is one itself, under any dependence (Vovk & Wang 2021). */
const SHARES = { battery: 0.4, groups: 0.3, probes: 0.3 };

function family(items: readonly ItemKey[], key: keyof ItemKey): Map<string, number[]> {
  const members = new Map<string, number[]>();
  items.forEach((item, index) => {
    const of = members.get(item[key]);
    if (of) of.push(index);
    else members.set(item[key], [index]);
  });
  return members;
}

/**
 * All levels of a battery: itself, its categories and its variants (each where there are several), its probes,
 * each family in battery order. Without groups the battery takes their share.
 */
export function levelsOf(items: readonly ItemKey[]): readonly Level[] {
  const categories = family(items, 'category');
  const variants = family(items, 'variant');
  const probes = family(items, 'probe');
  const groups: Omit<Level, 'weight'>[] = [];
  if (categories.size > 1) groups.push(...asLevels('category', categories));
  if (variants.size > 1) groups.push(...asLevels('variant', variants));
  const battery = SHARES.battery + (groups.length === 0 ? SHARES.groups : 0);
  return [
    { kind: 'battery', name: '', items: items.map((_, index) => index), weight: battery },
    ...groups.map((group) => ({ ...group, weight: SHARES.groups / groups.length })),
    ...asLevels('probe', probes).map((probe) => ({ ...probe, weight: SHARES.probes / probes.size })),
  ];
}

function asLevels(kind: LevelKind, members: ReadonlyMap<string, readonly number[]>): Omit<Level, 'weight'>[] {
  return [...members].map(([name, items]) => ({ kind, name, items }));
}

/** How a sentence about a level begins. */
export function subjectOf({ kind, name }: Pick<Level, 'kind' | 'name'>): string {
  switch (kind) {
    case 'battery':
      return 'Over the whole battery';
    case 'category':
      return `In the category "${name}"`;
    case 'variant':
      return `In the variant "${name}"`;
    case 'probe':
      return `On the probe "${name}"`;
  }
}
