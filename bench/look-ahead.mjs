/**
 * What is drawn past the decision, and how full the endpoint stays, through the gate's own sampler on simulated servers in
 * virtual time. Usage: npm run bench:look-ahead [-- --runs N]
 */
import { main } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';
import { readOptions } from './support/options.mjs';

await main(() => runBundled('look-ahead/main.ts', readOptions(process.argv.slice(2), 20, [])));
