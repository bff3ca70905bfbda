/** How long the Action takes until it asks the first thing of a server. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LIMIT_MS = 60_000;

/** @param {string} url */
function inputs(url) {
  return { 'base-url': url, candidate: 'tuned', baseline: 'base', judge: 'judge', 'matrix-key': 'null' };
}

/**
 * A runner's folder for a push, where settings come from the checkout and no comment is due.
 * @param {string} url of the server
 * @param {boolean} settingsFile whether the settings come from a file instead of from inputs
 */
async function checkout(url, settingsFile) {
  const folder = await mkdtemp(join(tmpdir(), 'startup-'));
  const workspace = join(folder, 'workspace');
  await mkdir(join(workspace, '.github'), { recursive: true });
  const { 'matrix-key': matrixKey, ...settings } = inputs(url);
  const file = join(workspace, '.github', 'misalignment-gate.yml');
  // JSON is YAML.
  if (settingsFile) await writeFile(file, JSON.stringify({ ...settings, sampling: { temperature: 1 } }));
  const event = join(folder, 'event.json');
  await writeFile(event, JSON.stringify({ repository: { default_branch: 'main' } }));
  for (const name of ['output', 'state', 'summary']) await writeFile(join(folder, name), '');
  return { folder, workspace, event, inputs: settingsFile ? { 'matrix-key': matrixKey } : inputs(url) };
}

/**
 * @param {Awaited<ReturnType<typeof checkout>>} place
 * @returns {Record<string, string>}
 */
function environment({ folder, workspace, event, inputs: given }) {
  return {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'team/models',
    GITHUB_EVENT_NAME: 'push',
    GITHUB_EVENT_PATH: event,
    GITHUB_SHA: 'a'.repeat(40),
    GITHUB_WORKSPACE: workspace,
    GITHUB_API_URL: 'http://127.0.0.1:1',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_OUTPUT: join(folder, 'output'),
    GITHUB_STATE: join(folder, 'state'),
    GITHUB_STEP_SUMMARY: join(folder, 'summary'),
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
  };
}

/**
 * Starts `node entry` as a runner would, and stops it when its first request has come.
 * @param {string} node
 * @param {string} entry
 * @param {boolean} settingsFile
 * @returns {Promise<number>} milliseconds from the start of the process to the request
 * @throws {Error} with the program's own words, when it ends or a minute passes without a request
 */
export async function timeToFirstRequest(node, entry, settingsFile) {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const place = await checkout(`http://127.0.0.1:${port}/v1`, settingsFile);
  const start = performance.now();
  const child = spawn(node, [entry], { env: environment(place), cwd: place.workspace, timeout: LIMIT_MS });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const requested = once(server, 'request').then(() => performance.now() - start);
  const closed = once(child, 'close');
  try {
    const ended = closed.then(() => Promise.reject(new Error(`It ended without a request:\n${said}`)));
    return await Promise.race([requested, ended]);
  } finally {
    child.kill('SIGKILL');
    await closed;
    server.closeAllConnections();
    server.close();
    await rm(place.folder, { recursive: true, force: true });
  }
}

/**
 * What nothing but Node itself takes, from start to end.
 * @param {string} node
 */
export async function timeOfNode(node) {
  const start = performance.now();
  await once(spawn(node, ['--eval', '0'], { stdio: 'ignore' }), 'close');
  return performance.now() - start;
}
