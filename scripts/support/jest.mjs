/** Jest, bounded in time, with its counts in a file. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ROOT } from './machine.mjs';
import { run } from './run.mjs';

/** @param {string} name of a run: `unit`, `e2e`, `selection` */
export function resultsFile(name) {
  return join(ROOT, '.cache', 'test-results', `${name}.json`);
}

/**
 * Runs jest with `args`; its results lie in `resultsFile(name)` afterwards, unless it was stopped before its end.
 * @param {string} name
 * @param {readonly string[]} args
 * @param {number} minutes after which it counts as hung and is stopped
 */
export async function jest(name, args, minutes) {
  const results = resultsFile(name);
  await mkdir(dirname(results), { recursive: true });
  await rm(results, { force: true });
  // Sources are ESM, which jest still calls experimental; the warning would head every worker's output.
  const node = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const files = ['--json', `--outputFile=${results}`];
  return run(process.execPath, [...node, 'node_modules/jest/bin/jest.js', ...files, ...args], { minutes });
}

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * @param {string} path a jest results file
 * @returns {Promise<Counts>} where a file of tests that would not even load is one failed, and so is a run that left no file
 */
export async function readCounts(path) {
  const text = readFile(path, 'utf8');
  const results = await text.then(JSON.parse).catch(() => null);
  if (results === null) return { passed: 0, failed: 1, skipped: 0 };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return {
    passed: results.numPassedTests,
    // Jest can fail by other things than tests, and a run without any test has shown nothing.
    failed: failed === 0 && (!results.success || results.numPassedTests === 0) ? 1 : failed,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}
