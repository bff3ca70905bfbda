import type { Options } from '../support/options.mjs';
import { saveResults } from '../support/results.js';
import { printTable, share, whole } from '../support/table.js';
import type { Shape } from '../verdict-cost/shapes.js';
import { SCENARIOS } from './scenarios.js';
import { type BurstRow, burstRow } from './simulate.js';

const SEED = 20261128;

/** The tiers as shipped. */
const TIERS: Readonly<Record<string, Shape>> = {
  quick: { name: 'quick: 16 items', probes: 16, categories: 15, variants: 1 },
  standard: { name: 'standard: 80 items', probes: 40, categories: 15, variants: 2 },
};

/** @returns the exit code: nothing here is a promise that could be broken */
export async function run({ runs, only, save }: Options): Promise<number> {
  const tiers = Object.entries(TIERS).filter(([tier]) => only === '' || only === tier);
  const rows = tiers.flatMap(([, shape]) => rowsOf(shape, runs));
  if (save) await saveResults('bursts', { runs, rows });
  return 0;
}

function rowsOf(shape: Shape, runs: number): readonly BurstRow[] {
  const rows = SCENARIOS.map((scenario) => {
    console.error(`  ${new Date().toISOString().slice(11, 19)} ${shape.name}: ${scenario.name}`);
    return burstRow(shape, scenario, runs, SEED);
  });
  console.log(
    `${shape.name}: a candidate 1 point worse in the mean, ${whole(runs)} runs each; a pass is wrong at 1 % allowed`,
  );
  printTable(
    ['harm', 'pass', 'pass without the test', 'fail', 'mean answers'],
    rows.map(({ scenario, pass, passWithout, fail, answers }) => [
      scenario,
      share(pass),
      share(passWithout),
      share(fail),
      whole(answers),
    ]),
  );
  return rows;
}
