/**
 * How many answers a verdict takes, and how often it errs: the gate's own engine on simulated models, beside the figures of
 * the method's specification. Usage: npm run bench:verdict-cost [-- --runs N --only cost|errors|bases|bases-one-line|bases-standard|settings|curve --save]
 * All of it takes some 20 minutes of one core; --runs 100 gives a first idea in one.
 */
import { main } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';
import { readOptions } from './support/options.mjs';

const PARTS = ['cost', 'errors', 'bases', 'bases-one-line', 'bases-standard', 'settings', 'curve'];

await main(() => runBundled('verdict-cost/main.ts', readOptions(process.argv.slice(2), 2000, PARTS)));
