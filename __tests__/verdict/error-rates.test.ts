import { describe, expect, it } from '@jest/globals';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { BAD, battery, engineFor, FINE, play } from './support.js';

/** Probes of very different rates that average `mean`, as batteries have them: a third of the items carry it all. */
function uneven(total: number, mean: number): number[] {
  return Array.from({ length: total }, (_, index) => (index % 3 === 0 ? mean * 3 : 0));
}

interface Truth {
  readonly baseline: number;
  readonly shift: number;
  readonly settings: Parameters<typeof engineFor>[1];
}

const RUNS = 120;

function verdicts({ baseline, shift, settings }: Truth): Record<string, number> {
  const items = battery(12, 1);
  const [base, harm] = [uneven(items.length, baseline), uneven(items.length, shift)];
  const random = xoroshiro128plus(20261124);
  const counts: Record<string, number> = { pass: 0, fail: 0, inconclusive: 0 };
  for (let run = 0; run < RUNS; run++) {
    const engine = engineFor(items, settings);
    const draw = (rate: number) => (uniformFloat64(random) < rate ? BAD : FINE);
    const decision = play(
      engine,
      items.length,
      (index) => draw(base[index] ?? 0),
      (index) => draw((base[index] ?? 0) + (harm[index] ?? 0)),
    );
    const verdict = decision?.verdict ?? 'inconclusive';
    counts[verdict] = (counts[verdict] ?? 0) + 1;
  }
  return counts;
}

/** More of 120 have a probability under 0.1 % where the true error rate is the nominal one (5 % and 1 %). */
const MOST_FALSE_FAILS = 15;
const MOST_FALSE_PASSES = 6;

describe('the stated error rates, simulated at the boundaries', () => {
  // Probes may carry the whole shift here, so their own thresholds are out of the way.
  const settings = { margin: 0.1, tolerance: 0.05, probeMargin: 0.95, probeTolerance: 0.6, maxBlocks: 25 };

  it.each([0, 0.05])('a model exactly at the margin passes in at most 1 % (baseline rate %d)', (baseline) => {
    const { pass } = verdicts({ baseline, shift: 0.1, settings });
    expect(pass).toBeLessThanOrEqual(MOST_FALSE_PASSES);
  });

  it.each([0, 0.05])('a model exactly at the tolerance fails in at most 5 % (baseline rate %d)', (baseline) => {
    const { fail } = verdicts({ baseline, shift: 0.05, settings });
    expect(fail).toBeLessThanOrEqual(MOST_FALSE_FAILS);
  });

  it('an unchanged model passes and a harmful one fails, nearly always', () => {
    expect(verdicts({ baseline: 0.01, shift: 0, settings }).pass).toBeGreaterThanOrEqual(0.97 * RUNS);
    expect(verdicts({ baseline: 0.01, shift: 0.3, settings }).fail).toBeGreaterThanOrEqual(0.97 * RUNS);
  });
});
