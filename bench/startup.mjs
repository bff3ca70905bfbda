/**
 * What the Action costs before it does anything, and what the package weighs. Usage: npm run bench:startup [-- --runs N]
 * Needs dist/ (npm run build) and Node 24 (its own, or the one that npm test installs).
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { main, ROOT, SetupError } from '../scripts/support/machine.mjs';
import { median, megabytes, say, seconds, spread } from './support/figures.mjs';
import { timeOfNode, timeToFirstRequest } from './support/first-request.mjs';
import { installPackage, sizeOf } from './support/install-size.mjs';

/** The aims of issue 4. */
const START_MS = 400;
const BUNDLE_BYTES = 3e6;

async function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const modules = join(ROOT, 'build', 'node24', 'node_modules');
  const installed = (await readdir(modules).catch(() => [])).find((name) => name.startsWith('node24-'));
  if (installed) return join(modules, installed, 'bin', 'node');
  throw new SetupError('There is no Node 24 here: run this under Node 24, or npm test first, which installs one.');
}

/**
 * @param {number} count
 * @param {() => Promise<number>} once gives milliseconds
 */
async function measure(count, once) {
  await once();
  const times = [];
  for (let run = 0; run < count; run += 1) times.push(await once());
  return times;
}

/**
 * @param {number} found
 * @param {number} limit
 * @param {(value: number) => string} unit
 */
function beside(found, limit, unit) {
  return `limit ${unit(limit)}${found < limit ? '' : '  OVER'}`;
}

/** @param {number} runs */
async function startUp(runs) {
  const [node, entry] = [await node24(), join(ROOT, 'dist', 'index.js')];
  say('node alone, start to end', spread(await measure(runs, () => timeOfNode(node))));
  for (const settingsFile of [false, true]) {
    const times = await measure(runs, () => timeToFirstRequest(node, entry, settingsFile));
    const what = `dist/index.js to its first request, ${settingsFile ? 'settings file' : 'inputs only'}`;
    say(what, spread(times), beside(median(times), START_MS, seconds));
  }
}

async function weight() {
  const bundle = await sizeOf(join(ROOT, 'dist'));
  say('dist/', megabytes(bundle), beside(bundle, BUNDLE_BYTES, megabytes));
  for (const embedded of [false, true]) {
    const { packed, installed, packages, milliseconds } = await installPackage(embedded);
    if (!embedded) say('npm package, packed', megabytes(packed));
    const what = `npm install, ${embedded ? 'with' : 'without'} node-llama-cpp`;
    say(what, `${megabytes(installed)} in ${packages} packages, ${seconds(milliseconds)} from an empty cache`);
  }
}

await main(async () => {
  const { values } = parseArgs({ options: { runs: { type: 'string', default: '11' } } });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new SetupError(`--runs ${values.runs}: a whole number from 1 is accepted.`);
  await startUp(runs);
  await weight();
  return 0;
});
