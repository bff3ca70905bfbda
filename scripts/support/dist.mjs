/** The bundle that is committed in dist/. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, SetupError } from './machine.mjs';
import { run } from './run.mjs';

const BUILD_MINUTES = 5;

/** Builds dist/ where there is none: it is committed, so this happens only to those who deleted it. */
export async function ensureDist() {
  if (!existsSync(join(ROOT, 'dist', 'cli.js'))) await buildDist('dist/ is missing');
}

/**
 * Builds dist/ again when src/ gives something else. With CI set it only says so: there the tests see what was committed.
 */
export async function ensureFreshDist() {
  const { code } = await run(process.execPath, ['build/check-dist.mjs'], { minutes: BUILD_MINUTES });
  if (code === 0) return;
  if (process.env.CI) console.error('Testing dist/ as it was committed, because CI is set.');
  else await buildDist('dist/ is not what src/ gives');
}

/** @param {string} why */
async function buildDist(why) {
  console.error(`Building dist/ (${why}) …`);
  const { code } = await run(process.execPath, ['build/bundle.mjs'], { minutes: BUILD_MINUTES });
  if (code !== 0) throw new SetupError('dist/ could not be built: what esbuild says above must be mended first.');
}
