/**
 * What every script needs to know of the machine. These scripts run before anything is installed, so they use Node's own
 * modules only, and nothing newer than Node 14: an old Node must get as far as being told that it is too old.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The user must act before anything can run. Its message says what is missing and what to do. */
export class SetupError extends Error {}

/**
 * @param {string} version what runs, as in `process.versions.node`
 * @param {string} wanted the least version, as `engines.node` in package.json has it: `>=20.19`
 * @returns {string | null} what to tell the user, or null when this Node will do
 */
export function nodeComplaint(version, wanted) {
  const [found, least] = [numbers(version), numbers(wanted)];
  if (found.major > least.major || (found.major === least.major && found.minor >= least.minor)) return null;
  return `This needs Node.js ${least.major}.${least.minor} or newer, and this is ${version}. Install a newer one (https://nodejs.org, or your version manager: nvm install 24) and run the same command again.`;
}

/** @param {string} version */
function numbers(version) {
  const [, major, minor] = /(\d+)(?:\.(\d+))?/.exec(version) || [];
  return { major: Number(major), minor: Number(minor || 0) };
}

/** @throws {SetupError} when this Node is too old. */
export function checkNode() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const complaint = nodeComplaint(process.versions.node, engines.node);
  if (complaint) throw new SetupError(complaint);
}

/**
 * The environment for a child: without the user's keys and tokens, which neither an install script of some package nor the
 * demo nor a test has any use for. What npm and pip need to reach a private registry stays.
 * @param {NodeJS.ProcessEnv} environment
 * @returns {NodeJS.ProcessEnv}
 */
export function withoutSecrets(environment) {
  const entries = Object.entries(environment).filter(([name]) => !isSecret(name));
  return Object.fromEntries(entries);
}

/** @param {string} name */
function isSecret(name) {
  return /(KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS)$/i.test(name) && !/^(npm|node_auth|pip)_/i.test(name);
}

/**
 * Runs a script's main function: an error that the user can mend is told in one line, without a stack trace.
 * @param {() => Promise<number>} script gives the exit code
 */
export async function main(script) {
  try {
    checkNode();
    process.exitCode = await script();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 3;
  }
}
