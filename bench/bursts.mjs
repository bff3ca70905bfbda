/**
 * How often a model at the margin passes when its harm comes in bursts, with and without the permutation test: the gate's own
 * engine on simulated models. Usage: npm run bench:bursts [-- --runs N --only quick|standard --save]
 * 2,000 runs of all take some hours of one core; --runs 100 gives a first idea.
 */
import { main } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';
import { readOptions } from './support/options.mjs';

await main(() => runBundled('bursts/main.ts', readOptions(process.argv.slice(2), 2000, ['quick', 'standard'])));
