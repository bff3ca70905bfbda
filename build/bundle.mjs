/**
 * Bundles src/ into dist/, as `uses:` and `npx` get it. ESM with split chunks, so that Octokit and the embedded models load
 * only when used; `node-llama-cpp` stays outside (native, 80 MB). Usage: node build/bundle.mjs [OUTDIR]
 */
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} outdir emptied first */
export async function bundle(outdir) {
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: ['index', 'post', 'cli', 'llama-worker'].map((name) => join('src', `${name}.ts`)),
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    // Chunks lie beside the entries: paths relative to import.meta.url are then the same in every file.
    chunkNames: 'chunk-[hash]',
    external: ['node-llama-cpp'],
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    // Names are kept where code can see them: errors are told apart by theirs.
    minifyIdentifiers: true,
    keepNames: true,
    logLevel: 'warning',
    // Some dependencies are CommonJS and `require` Node's own modules; without this the bundle dies at load ("Dynamic require of net").
    banner: {
      js: "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);",
    },
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2] ?? join(ROOT, 'dist'));
