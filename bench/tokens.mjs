/**
 * How many tokens a run takes, and so what it costs at given prices. Usage: npm run bench:tokens [-- --price IN,OUT]
 * Tokens are SmolLM2's: other models' tokenizers differ by a tenth or so. Answer lengths are those of the recorded answers in
 * ../shared/data; without that folder nothing can be measured.
 */
import { parseArgs } from 'node:util';
import { main } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';

await main(async () => {
  const { values } = parseArgs({ options: { price: { type: 'string', default: '1,4' } } });
  return runBundled('tokens/run.ts', values);
});
