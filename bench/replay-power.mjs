/**
 * Whether the gate decides rightly on real recorded answers, and how soon: each fine-tune against its base, and models against
 * themselves, reshuffled many times. Reads ../shared/data/recorded and is skipped where that is absent.
 * Usage: npm run bench:replay-power [-- --runs N --save]
 */
import { main } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';
import { readOptions } from './support/options.mjs';

await main(() => runBundled('replay-power/main.ts', readOptions(process.argv.slice(2), 500, [])));
