/** Fails when dist/ is not what src/ gives: someone edited one without the other. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, ROOT } from './bundle.mjs';

/** @param {string} folder */
async function contents(folder) {
  const names = (await readdir(folder)).sort();
  return new Map(
    await Promise.all(names.map(async (name) => /** @type {const} */ ([name, await readFile(join(folder, name))]))),
  );
}

async function build() {
  const folder = await mkdtemp(join(tmpdir(), 'dist-'));
  try {
    await bundle(folder);
    return await contents(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const built = await build();
const committed = await contents(join(ROOT, 'dist')).catch((error) => {
  if (error.code !== 'ENOENT') throw error;
  return new Map();
});

const differing = [...new Set([...committed.keys(), ...built.keys()])].filter(
  (name) => !committed.get(name)?.equals(built.get(name) ?? Buffer.alloc(0)),
);
if (differing.length > 0) {
  console.error(`dist/ is not what src/ gives (${differing.join(', ')}). Run: npm run build, and commit dist/.`);
  process.exit(1);
}
console.log(`dist/ is what src/ gives: ${built.size} files.`);
