/** Installs what a lock file names, once. */
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ROOT, SetupError, withoutSecrets } from './machine.mjs';
import { run } from './run.mjs';

const INSTALL_MINUTES = 20;

/**
 * @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean }>} Packages
 */

/**
 * Whether `node_modules` holds what `package-lock.json` names, by the record that npm itself writes at the end of an
 * installation and removes with it. It need not have been us who installed. An optional package may be absent: it may be for
 * another platform.
 * @param {string} folder holds both
 */
export async function isInstalled(folder) {
  const wanted = await packagesOf(join(folder, 'package-lock.json'));
  const present = await packagesOf(join(folder, 'node_modules', '.package-lock.json')).catch(() => null);
  if (present === null) return false;
  return Object.entries(wanted).every(([path, { version, integrity, optional }]) => {
    const found = present[path];
    if (path === '' || (found === undefined && optional)) return true;
    return found !== undefined && found.version === version && found.integrity === integrity;
  });
}

/**
 * @param {string} path
 * @returns {Promise<Packages>}
 */
async function packagesOf(path) {
  return JSON.parse(await readFile(path, 'utf8')).packages;
}

/**
 * Runs `npm ci` in `folder` unless it holds everything already. That takes no network.
 * @param {string} folder
 * @param {string} why what the packages are for
 * @throws {SetupError} when npm fails; its own words are on the terminal
 */
export async function ensureInstalled(folder, why) {
  if (await isInstalled(folder)) return;
  const name = relative(ROOT, join(folder, 'node_modules'));
  console.error(`Installing ${why} into ${name} (npm ci) …`);
  // Production settings of the machine or the shell must not leave out what the demo and the tests need.
  const { code } = await npm(
    ['ci', '--include=dev', '--include=optional', '--prefix', folder],
    folder,
    INSTALL_MINUTES,
  );
  if (code === 0) return;
  throw new SetupError(
    `npm ci failed with exit code ${code}; npm's own words stand above. Mend what they name ` +
      `(often the network, a proxy or a full disk) and run the same command again.`,
  );
}

/**
 * Runs npm: the one that started this process, or else the one on the path.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {number} [minutes] how long it may take
 * @param {NodeJS.ProcessEnv} [env]
 * @throws {SetupError} when there is none
 */
export async function npm(args, cwd, minutes, env = withoutSecrets(process.env)) {
  const options = { cwd, env, ...(minutes === undefined ? {} : { minutes }) };
  const own = process.env.npm_execpath;
  if (own && /npm-cli\.[cm]?js$/.test(own)) return run(process.execPath, [own, ...args], options);
  return run('npm', args, options).catch((error) => {
    if (error.code !== 'ENOENT') throw error;
    throw new SetupError(
      'npm is not on the path. It comes with Node.js: install that, or run this through npm itself (npm start, npm test).',
    );
  });
}
