/** Benches that run the gate's own TypeScript: bundled as dist/ is, into .cache/, and run. */
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { ROOT } from '../../scripts/support/machine.mjs';

/**
 * @template Options
 * @param {string} entry below bench/; exports `run`, which takes the options and gives the exit code
 * @param {Options} options
 * @returns {Promise<number>}
 */
export async function runBundled(entry, options) {
  const outfile = join(ROOT, '.cache', 'bench', `${basename(dirname(entry))}.mjs`);
  await build({
    absWorkingDir: ROOT,
    entryPoints: [join('bench', entry)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // What no bench reaches need not be bundled, only found: csv-parse, yaml.
    packages: 'external',
    logLevel: 'warning',
  });
  // Benches name their files from the repository's root.
  process.chdir(ROOT);
  const { run } = await import(pathToFileURL(outfile).href);
  return run(options);
}
