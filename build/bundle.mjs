/**
 * Bundles src/ into dist/, as `uses:` and `npx` get it. ESM with split chunks, so that Octokit and the embedded models load
 * only when used; `node-llama-cpp` stays outside (native, 80 MB). What is called from outside begins with `entry.js`, which any
 * Node can read. Usage: node build/bundle.mjs [OUTDIR]
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

const CALLED = ['index', 'post', 'cli'];
/** Of an entry's program, beside the entry. */
const programOf = (/** @type {string} */ name) => `${name}-program`;

/** @param {string} outdir emptied first */
export async function bundle(outdir) {
  await rm(outdir, { recursive: true, force: true });
  await build({
    absWorkingDir: ROOT,
    entryPoints: {
      ...Object.fromEntries(CALLED.map((name) => [programOf(name), join('src', `${name}.ts`)])),
      'llama-worker': join('src', 'models', 'embedded', 'worker', 'main.ts'),
    },
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
  for (const name of CALLED) await writeFile(join(outdir, `${name}.js`), await entryOf(name));
}

/** @param {string} name */
async function entryOf(name) {
  const { engines } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
  const [, major = '', minor = ''] = /^>=(\d+)\.(\d+)/.exec(engines.node) ?? [];
  const template = await readFile(join(ROOT, 'build', 'entry.js'), 'utf8');
  const source = template
    .replaceAll('LEAST_MAJOR', major)
    .replaceAll('LEAST_MINOR', minor)
    .replace('PROGRAM', `./${programOf(name)}.js`);
  // Only white space goes: what is shortened might come out in newer syntax.
  const { code } = await transform(source, { minifyWhitespace: true, legalComments: 'none' });
  return name === 'cli' ? `#!/usr/bin/env node\n${code}` : code;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle(process.argv[2] ?? join(ROOT, 'dist'));
