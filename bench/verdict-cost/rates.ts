import { places, type Shape } from './shapes.js';
import uneven from './uneven-rates.json' with { type: 'json' };

/**
 * Rates by item. Probes differ hugely, as real ones do: quantiles of a gamma distribution with shape 1/2, so that half of the
 * probes carry nine tenths of the harm. `uneven-rates.json` holds them by number of probes, mean 1, in the random order of
 * the simulation that the method's specification was chosen by, whose figures the bench is compared with.
 */

const MOST = 0.95;

/** Keeps rates below `MOST` without moving their mean. */
function capped(rates: readonly number[], mean: number): readonly number[] {
  let now = rates;
  for (let round = 0; round < 50 && mean > 0; round += 1) {
    const cut = now.map((rate) => Math.min(rate, MOST));
    const scale = mean / average(cut);
    now = cut.map((rate) => rate * scale);
  }
  return now.map((rate) => Math.min(rate, MOST));
}

export function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Every probe's variants share its rate. */
export function unevenly(shape: Shape, mean: number): readonly number[] {
  const table: Readonly<Record<string, readonly number[]>> = uneven;
  const probes = capped(
    (table[shape.probes] ?? []).map((rate) => rate * mean),
    mean,
  );
  return places(shape).map(({ probe }) => probes[probe] ?? 0);
}

export function evenly(shape: Shape, rate: number): readonly number[] {
  return places(shape).map(() => rate);
}
