/** The Python environment with a real llama.cpp server, for the end-to-end tests. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, SetupError } from './machine.mjs';
import { run } from './run.mjs';

const REQUIREMENTS = join(ROOT, '__tests__', 'e2e', 'support', 'requirements.txt');
const VENV = join(ROOT, '.cache', 'llama-server');
const VENV_PYTHON = process.platform === 'win32' ? join(VENV, 'Scripts', 'python.exe') : join(VENV, 'bin', 'python');
/** Written last: the digest of the requirements that are installed. */
const STAMP = join(VENV, 'requirements.sha256');
const MINUTES = 15;

/**
 * Makes the virtual environment `.cache/llama-server`, once.
 * @throws {SetupError} that says what of Python is missing
 */
export async function ensureLlamaServer() {
  const digest = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  if ((await readFile(STAMP, 'utf8').catch(() => null)) === digest && (await works(VENV_PYTHON))) return;
  const python = await findPython();
  console.error('Installing a llama.cpp server for the end-to-end tests into .cache/llama-server (venv and pip) …');
  await step(
    python,
    ['-m', 'venv', '--clear', VENV],
    'Debian and Ubuntu keep venv in a package of its own: apt-get install python3-venv.',
  );
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input'];
  await step(
    VENV_PYTHON,
    [...pip, '--requirement', REQUIREMENTS],
    'Mend what pip names: often the network, a proxy, or a platform that xllamacpp has no wheel for.',
  );
  await writeFile(STAMP, digest);
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
    `The end-to-end tests run a real llama.cpp server from PyPI, and there is no Python on the path (tried ${names.join(', ')}). ` +
      'Install Python 3.10 or newer with venv and pip, or run what needs none: npm test -- --unit.',
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
