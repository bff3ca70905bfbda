/** The Python environments with real servers, for the end-to-end tests. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, SetupError } from './machine.mjs';
import { run } from './run.mjs';

const SUPPORT = join(ROOT, '__tests__', 'e2e', 'support');
const MINUTES = 15;

/** @typedef {{ what: string, folder: string, requirements: string, flags: readonly string[] }} Server */

/** @type {Server} */
const LLAMA = {
  what: 'a llama.cpp server',
  folder: 'llama-server',
  requirements: 'llama-requirements.txt',
  flags: [],
};

/**
 * The requirements name every package that it loads; those that only its metadata names stay away. Python compiles what it
 * loads when it loads it: all of it would take longer than the tests.
 * @type {Server}
 */
const LITELLM = {
  what: "LiteLLM's proxy",
  folder: 'litellm',
  requirements: 'litellm-requirements.txt',
  flags: ['--no-deps', '--no-compile'],
};

export function ensureLlamaServer() {
  return ensureServer(LLAMA);
}

export function ensureLitellm() {
  return ensureServer(LITELLM);
}

/**
 * Makes the virtual environment `.cache/FOLDER`, once.
 * @param {Server} server
 * @throws {SetupError} that says what of Python is missing
 */
async function ensureServer({ what, folder, requirements, flags }) {
  const list = join(SUPPORT, requirements);
  const venv = join(ROOT, '.cache', folder);
  const inVenv = process.platform === 'win32' ? join(venv, 'Scripts', 'python.exe') : join(venv, 'bin', 'python');
  // Written last: the digest of the requirements that are installed.
  const stamp = join(venv, 'requirements.sha256');
  const digest = createHash('sha256')
    .update(await readFile(list))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => null)) === digest && (await works(inVenv))) return;
  const python = await findPython();
  console.error(`Installing ${what} for the end-to-end tests into .cache/${folder} (venv and pip) …`);
  await step(
    python,
    ['-m', 'venv', '--clear', venv],
    'Debian and Ubuntu keep venv in a package of its own: apt-get install python3-venv.',
  );
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', ...flags];
  await step(
    inVenv,
    [...pip, '--requirement', list],
    `Mend what pip names: often the network, a proxy, or a platform that a package of ${requirements} has no wheel for.`,
  );
  await writeFile(stamp, digest);
}

/**
 * @param {string} python
 */
async function works(python) {
  return promisify(execFile)(python, ['-c', 'import sys'], { timeout: 60_000 }).then(
    () => true,
    () => false,
  );
}

async function findPython() {
  const names = process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python'];
  for (const name of names) if (await works(name)) return name;
  throw new SetupError(
    `The end-to-end tests run real servers from PyPI, and there is no Python on the path (tried ${names.join(', ')}). ` +
      'Install Python 3.11 or newer with venv and pip, or run what needs none: npm test -- --unit.',
  );
}

/**
 * @param {string} python
 * @param {readonly string[]} args
 * @param {string} advice
 */
async function step(python, args, advice) {
  const { code } = await run(python, args, { minutes: MINUTES });
  if (code === 0) return;
  throw new SetupError(
    `${python} ${args.slice(0, 3).join(' ')} failed with exit code ${code}; its own words stand above. ${advice} ` +
      'What needs no Python runs with: npm test -- --unit.',
  );
}
