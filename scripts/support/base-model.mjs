/** The demo's model, fetched before the tests, so that no test's time runs out on a download of 98 MB. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT, SetupError } from './machine.mjs';

/**
 * Runs the program's own code for this, from src/, because dist/ does not export it.
 * @throws {SetupError} that says what was tried
 */
export async function ensureBaseModel() {
  const { build } = await import('esbuild');
  const outfile = join(ROOT, '.cache', 'setup', 'demo-assets.mjs');
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['src/models/embedded/demo-model/ensure.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    logLevel: 'warning',
  });
  const assets = await import(pathToFileURL(outfile).href);
  const say = (/** @type {string} */ message) => console.error(message);
  const log = { debug() {}, info: say, notice: say, warning: say, error: say };
  await assets.ensureBaseModel({ log, environment: process.env }).catch((/** @type {Error} */ error) => {
    throw new SetupError(`${error.message}\nWhat needs no model runs with: npm test -- --unit.`);
  });
}
