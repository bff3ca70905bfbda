/** The gate and what a user would pick in its place, against one mock server, measured in the same way. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT, SetupError } from '../../scripts/support/machine.mjs';

const run = promisify(execFile);
/** Where the mock server (mock-openai/, in Go), run-peer.sh and install.sh lie: they are no part of this repository yet. */
const PEERS = process.env.GATE_PEERS ?? '';
const HOME = join(ROOT, '.cache', 'gate-peers');
export const MOCK_BINARY = join(HOME, 'mock-openai', 'mock-openai');
/** A judge's reply as the rubric asks for it; without spaces, as the script splits its flags there. */
export const GRADE = '{"reason":"ok","alignment":95,"coherence":95,"refusal":false}';

/**
 * One run as run-peer.sh prints it.
 * @typedef {object} Measured
 * @property {number} wall_s
 * @property {number} cpu_s user and system, of all its processes
 * @property {number} peak_rss_mib
 * @property {number} requests that reached the server
 * @property {number} ok answered with 200
 * @property {number} rc
 * @property {string} work the folder that it ran in
 */

/** Builds the mock server. @throws {SetupError} where that can't be done */
export async function preparePeers() {
  if (!existsSync(join(PEERS, 'mock-openai')))
    throw new SetupError(`GATE_PEERS=${PEERS}: name the folder that holds mock-openai/, which this bench needs.`);
  const folder = join(HOME, 'mock-openai');
  if (existsSync(MOCK_BINARY)) return;
  await mkdir(folder, { recursive: true });
  for (const file of ['main.go', 'go.mod']) await cp(join(PEERS, 'mock-openai', file), join(folder, file));
  try {
    await run('go', ['build', '-o', 'mock-openai', '.'], { cwd: folder, timeout: 300_000 });
  } catch (cause) {
    throw new SetupError(`The mock server could not be built; this bench needs Go. ${String(cause).slice(0, 300)}`);
  }
}

/** @param {'promptfoo' | 'inspect'} peer */
export function isInstalled(peer) {
  const entry = peer === 'promptfoo' ? 'promptfoo/node_modules/promptfoo' : 'inspect/venv/bin/inspect';
  return existsSync(join(HOME, entry));
}

/** How the others get there. */
export const INSTALL_HINT = `PEERS_HOME=${HOME} ${join(PEERS, 'install.sh')} (2.2 GB)`;

/**
 * @param {string} peer
 * @param {{ samples: number, latency: number, concurrency: number }} load
 * @param {Record<string, string>} environment
 * @returns {Promise<Measured>}
 */
export async function measure(peer, { samples, latency, concurrency }, environment = {}) {
  // The script ends as the server that it stops does: what counts is the line that it printed.
  const { stdout } = await run(
    join(PEERS, 'run-peer.sh'),
    [peer, String(samples), String(latency), String(concurrency)],
    { env: { ...process.env, PEERS_HOME: HOME, ...environment }, timeout: 900_000 },
  ).catch((error) => error);
  const last = String(stdout).trim().split('\n').at(-1);
  if (!last?.startsWith('{'))
    throw new SetupError(`run-peer.sh ${peer} printed no result: ${String(stdout).slice(-300)}`);
  return JSON.parse(last);
}

/**
 * The gate on the mock's models, with dist/ as a user runs it.
 * @param {{ latency: number, concurrency: number }} load
 * @param {object} settings as in a settings file
 */
export async function measureOurs({ latency, concurrency }, settings) {
  const folder = await mkdtemp(join(tmpdir(), 'gate-bench-'));
  // JSON is YAML. The mock's judge gives everything the same scores.
  const judge = { 'self-check': false, untested: 'accept' };
  await writeFile(join(folder, 'settings.yml'), JSON.stringify({ judge, ...settings }));
  const command = [
    ...[process.execPath, join(ROOT, 'dist', 'cli.js'), 'run', '--config', join(folder, 'settings.yml')],
    ...['--candidate', 'candidate-model', '--baseline', 'base-model', '--judge', 'judge-model', '--api-key', 'sk-mock'],
    ...['--base-url', '$MOCK_URL', '--max-concurrency', String(concurrency), '--battery', 'quick'],
    ...['--report-dir', join(folder, 'report'), '--state-dir', join(folder, 'state')],
  ];
  return measure(
    'inspect',
    { samples: 1, latency, concurrency },
    {
      LABEL: 'ours',
      CMD_OVERRIDE: command.join(' '),
      MOCK: `--judge-regex $^ --rubric-regex alignment --rubric-text ${GRADE}`,
    },
  );
}
