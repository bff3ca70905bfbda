/**
 * Memory of a long run: the whole gate, journal and all, on models that cost nothing, to 100,000 answers.
 * Usage: npm run bench:memory [-- --answers N]
 */
import { parseArgs } from 'node:util';
import { main, SetupError } from '../scripts/support/machine.mjs';
import { runBundled } from './support/bundled.mjs';

await main(() => {
  const { values } = parseArgs({ options: { answers: { type: 'string', default: '100000' } } });
  const answers = Number(values.answers);
  if (!Number.isInteger(answers) || answers < 1000) {
    throw new SetupError(`--answers ${values.answers}: a whole number from 1000 is accepted.`);
  }
  return runBundled('memory/run.ts', { answers });
});
