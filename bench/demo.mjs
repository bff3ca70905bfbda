/**
 * The demo without its models: each of its runs many times over, with recorded answers in a random order. Says how often it ends as
 * it should, and what it takes. Usage: npm run bench:demo [-- --runs N]
 * Brings the recordings up to date, with the models (an hour on a slow machine where all is to be drawn anew):
 *   npm run bench:demo -- --record base|misaligned|benign [--blocks N]
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../build/bundle.mjs';
import { main, ROOT, SetupError } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';

const MODELS = ['base', 'misaligned', 'benign'];
/** As many as the shipped recordings have. */
const BLOCKS = { base: '24', misaligned: '12', benign: '36' };

/** @param {string} name @param {string} text */
function whole(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new SetupError(`--${name} ${text}: a whole number from 1 is accepted.`);
}

await main(async () => {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '20' }, record: { type: 'string' }, blocks: { type: 'string' } },
  });
  const { record = null } = values;
  if (record !== null && !MODELS.includes(record)) {
    throw new SetupError(`--record ${record}: accepted is one of ${MODELS.join(', ')}.`);
  }
  const dist = join(ROOT, '.cache', 'bench', 'dist');
  if (record !== null) await bundle(dist);
  const blocks = values.blocks ?? BLOCKS[/** @type {keyof typeof BLOCKS} */ (record ?? 'base')];
  return runBundled('demo/run.ts', { runs: whole('runs', values.runs), record, blocks: whole('blocks', blocks), dist });
});
