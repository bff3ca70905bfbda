/**
 * Tokens a second of an embedded model in its own process, beside llama.cpp's own server on this machine: the same model, the
 * same question, one thread each, in turn; then of candidate and baseline at once, as a run has them. Usage: npm run bench:embedded [-- --runs N --tokens N]
 * Run it while the machine does nothing else. It installs the server of the end-to-end tests (Python), once.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundle } from '../build/bundle.mjs';
import { main, ROOT, SetupError } from '../scripts/support/machine.mjs';
import { ensureLlamaServer } from '../scripts/support/python.mjs';
import { runBundled } from './support/bundled.mjs';

/** @param {string} name @param {string} text */
function whole(name, text) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new SetupError(`--${name} ${text}: a whole number from 1 is accepted.`);
}

await main(async () => {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: '7' }, tokens: { type: 'string', default: '200' } },
  });
  const dist = join(ROOT, '.cache', 'bench', 'dist');
  const options = { runs: whole('runs', values.runs), tokens: whole('tokens', values.tokens), dist };
  await ensureLlamaServer();
  await bundle(dist);
  return runBundled('embedded/run.ts', options);
});
