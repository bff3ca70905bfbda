import type { ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../../src/core/package.js';
import type { Runner } from '../../action/runner.js';
import { bundleInto } from './bundle.js';
import { type ProcessRun, runProcess } from './process.js';

/** What `uses:` gets, as far as the package ships it: the repository without node_modules, with a fresh bundle. */
export interface ActionExport {
  readonly folder: string;
  remove(): Promise<void>;
}

export async function exportAction(): Promise<ActionExport> {
  const folder = await mkdtemp(join(tmpdir(), 'action-'));
  const root = packageRoot();
  const { files } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { files: string[] };
  for (const name of ['package.json', ...files.filter((file) => file !== 'dist')]) {
    await cp(join(root, name), join(folder, name), { recursive: true });
  }
  await bundleInto(join(folder, 'dist'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Node 24, as the runner has it: this process's own, or the one that the test set-up installed. */
export async function node24(): Promise<string> {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const modules = join(packageRoot(), 'build/node24/node_modules');
  const installed = (await readdir(modules)).find((name) => name.startsWith('node24-'));
  if (!installed) throw new Error('no Node 24: npm test installs one under build/node24');
  return join(modules, installed, 'bin/node');
}

export type StepRun = ProcessRun;

/** What a main step saved, as the runner hands it to the post step. */
async function savedState(runner: Runner): Promise<Record<string, string>> {
  const entries = Object.entries(await runner.state());
  return Object.fromEntries(entries.map(([name, value]) => [`STATE_${name}`, value]));
}

/**
 * Runs one entry of the Action as the runner does: Node 24, the step's variables and no others, in the workspace.
 * Aborting kills it at once, as a runner does with a cancelled step that will not end.
 */
export async function runStep(
  action: ActionExport,
  entry: 'index' | 'post',
  runner: Runner,
  signal?: AbortSignal,
): Promise<StepRun> {
  const state = entry === 'post' ? await savedState(runner) : {};
  const env = { PATH: process.env.PATH ?? '', HOME: runner.folder, ...runner.env, ...state };
  const kill = (child: ChildProcess) => signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
  const script = join(action.folder, 'dist', `${entry}.js`);
  return runProcess(await node24(), [script], { env, cwd: runner.workspace, onStart: kill });
}
