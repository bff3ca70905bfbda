import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../../src/core/package.js';

/** The bundle, made from the sources as they are. */
export interface Bundle {
  readonly folder: string;
  /** An entry: `cli.js`, `llama-worker.js`. */
  file(name: string): string;
  remove(): Promise<void>;
}

/** Makes the bundle within the repository: embedded models find `node-llama-cpp` from there, as from an installed package. */
export async function bundleInRepository(): Promise<Bundle> {
  const cache = join(packageRoot(), '.cache');
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, 'bundle-'));
  await bundleInto(folder);
  return {
    folder,
    file: (name) => join(folder, name),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export async function bundleInto(folder: string): Promise<void> {
  const script = join(packageRoot(), 'build', 'bundle.mjs');
  await promisify(execFile)(process.execPath, [script, folder], { timeout: 60_000 });
}
