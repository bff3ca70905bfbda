/**
 * `npm test`: sets up what the tests need and runs them all.
 *   npm test                     everything
 *   npm test -- --unit [ARGS]    what needs nothing but Node
 *   npm test -- PATHS            these, from both kinds; any argument of jest goes too
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureBaseModel } from './support/base-model.mjs';
import { ensureFreshDist } from './support/dist.mjs';
import { ensureInstalled } from './support/install.mjs';
import { jest } from './support/jest.mjs';
import { main, ROOT, SetupError } from './support/machine.mjs';
import { ensureLitellm, ensureLlamaServer } from './support/python.mjs';

/** What the runs take on two noisy cores, several times over: who waits longer waits for a hung test. */
const UNIT_MINUTES = 20;
const E2E_MINUTES = 45;

/** End-to-end tests run real models and time real processes: two of them at once would starve each other. */
const UNIT = ['--selectProjects', 'unit', '--maxWorkers=2'];
const E2E = ['--selectProjects', 'e2e', '--maxWorkers=1'];

async function setUpEndToEnd() {
  if (Number(process.versions.node.split('.')[0]) < 24) await ensureNode24();
  await ensureLlamaServer();
  await ensureLitellm();
  await ensureBaseModel();
  await ensureFreshDist();
}

/** The runner's Node. As a package it stands apart, so that nobody who uses the gate downloads it. */
async function ensureNode24() {
  const folder = join(ROOT, 'build', 'node24');
  await ensureInstalled(folder, 'Node 24, which the Action runs on');
  const installed = await readdir(join(folder, 'node_modules')).catch(() => []);
  if (installed.some((name) => name.startsWith('node24-'))) return;
  throw new SetupError(
    `The end-to-end tests run the bundle under Node 24, and its npm packages have none for ${process.platform} ${process.arch}. ` +
      'Run the tests under Node 24 itself, or what needs none: npm test -- --unit.',
  );
}

/** @returns {Promise<number>} the exit code */
async function everything() {
  const unit = await jest('unit', UNIT, UNIT_MINUTES);
  if (unit.interrupted) return unit.code;
  const e2e = await jest('e2e', E2E, E2E_MINUTES);
  return unit.code || e2e.code;
}

await main(async () => {
  const given = process.argv.slice(2);
  const rest = given.filter((argument) => argument !== '--unit');
  await ensureInstalled(ROOT, 'what the program and its tests need');
  if (given.length > rest.length) return (await jest('unit', [...UNIT, ...rest], UNIT_MINUTES)).code;
  await setUpEndToEnd();
  if (rest.length > 0) return (await jest('selection', ['--maxWorkers=1', ...rest], E2E_MINUTES)).code;
  return everything();
});
