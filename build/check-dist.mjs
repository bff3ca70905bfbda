/** Fails when dist/ is not what src/ gives: someone edited one without the other. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundle, ROOT } from './bundle.mjs';

async function contents(folder) {
  const names = (await readdir(folder)).sort();
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))])));
}

const fresh = await mkdtemp(join(tmpdir(), 'dist-'));
await bundle(fresh);
const [committed, built] = [await contents(join(ROOT, 'dist')), await contents(fresh)];
await rm(fresh, { recursive: true });

const differing = [...new Set([...committed.keys(), ...built.keys()])].filter(
  (name) => !committed.get(name)?.equals(built.get(name) ?? Buffer.alloc(0)),
);
if (differing.length > 0) {
  console.error(`dist/ is not what src/ gives (${differing.join(', ')}). Run: npm run build, and commit dist/.`);
  process.exit(1);
}
console.log(`dist/ is what src/ gives: ${built.size} files.`);
