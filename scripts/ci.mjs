/**
 * `.ci/run`: the README's test command and the checks around it, all of them, whatever fails before. The last line is
 * `N passed, N failed`: the tests, as jest counted them, and each check as one more.
 */
import { rm } from 'node:fs/promises';
import { npm } from './support/install.mjs';
import { readCounts, resultsFile } from './support/jest.mjs';
import { main, ROOT, withoutSecrets } from './support/machine.mjs';

const CHECK_MINUTES = 10;

/** Jest writes no new snapshots, and the tests take dist/ as it was committed. */
const ENVIRONMENT = { ...withoutSecrets(process.env), CI: 'true' };

/** The scripts of package.json beside `test`. */
const CHECKS = ['types', 'lint', 'check:dist'];

/** @typedef {import('./support/jest.mjs').Counts & { name: string }} Step */

/** @returns {Promise<readonly Step[]>} */
async function runTests() {
  const kinds = ['unit', 'e2e'];
  for (const kind of kinds) await rm(resultsFile(kind), { force: true });
  // No limit of its own: each of its parts has one.
  const { code } = await npm(['test'], ROOT, undefined, ENVIRONMENT);
  const steps = await Promise.all(kinds.map(async (name) => ({ name, ...(await readCounts(resultsFile(name))) })));
  const explained = code === 0 || steps.some(({ failed }) => failed > 0);
  return explained
    ? steps
    : [...steps, { name: `npm test, by its exit code ${code}`, passed: 0, failed: 1, skipped: 0 }];
}

/**
 * @param {string} name
 * @returns {Promise<Step>}
 */
async function check(name) {
  const { code } = await npm(['run', name], ROOT, CHECK_MINUTES, ENVIRONMENT);
  return { name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * Not in the form of the last line, which machines look for.
 * @param {Step} step
 */
function line({ name, passed, failed, skipped }) {
  return `${failed > 0 ? 'FAILED' : 'ok'}  ${name} (${passed} of ${passed + failed} passed, ${skipped} skipped)`;
}

await main(async () => {
  const steps = [...(await runTests())];
  for (const name of CHECKS) steps.push(await check(name));
  console.log();
  for (const step of steps) console.log(line(step));
  const sum = (/** @type {'passed' | 'failed'} */ key) => steps.reduce((total, step) => total + step[key], 0);
  console.log(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
});
