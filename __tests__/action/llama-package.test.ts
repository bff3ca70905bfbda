import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureLlamaPackage, type LlamaPackagePorts } from '../../src/action/llama-package.js';
import type { NpmCi } from '../../src/action/npm.js';
import { silentLogger } from '../../src/log.js';
import { packageRoot } from '../../src/paths.js';

const LINUX = { platform: 'linux', arch: 'x64' };

let folder: string;
let said: string[];
let installs: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'llama-package-'));
  said = [];
  installs = 0;
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** npm as far as it matters: it leaves node_modules. */
const npmCi: NpmCi = async (where) => {
  installs += 1;
  await mkdir(join(where, 'node_modules', 'node-llama-cpp'), { recursive: true });
};

/** This package as `uses:` brings it: `build/llama` and no node_modules. */
async function exported(): Promise<string> {
  const root = join(folder, 'action');
  for (const kind of ['cpu', 'gpu']) {
    const target = join(root, 'build', 'llama', kind);
    await mkdir(target, { recursive: true });
    for (const name of ['package.json', 'package-lock.json']) {
      await writeFile(join(target, name), await readFile(join(packageRoot(), 'build', 'llama', kind, name)));
    }
  }
  return root;
}

async function ensure(over: Partial<LlamaPackagePorts> = {}): Promise<string> {
  const log = { ...silentLogger, info: (message: string) => said.push(message) };
  const environment = { RUNNER_TOOL_CACHE: join(folder, 'tools') };
  const ports = { root: await exported(), machine: LINUX, hasGpu: () => false, npmCi, log, environment, ...over };
  return ensureLlamaPackage(ports);
}

describe('llama.cpp in the Action', () => {
  it('is installed into the runner’s tool cache the first time, with a message that says how large it is', async () => {
    const where = await ensure();
    expect(where).toMatch(/tools.misalignment-gate-node-llama-cpp.3\.22\.1-cpu-[0-9a-f]{12}.x64$/);
    expect(await readdir(where)).toEqual(['node_modules', 'package-lock.json', 'package.json']);
    expect(said).toEqual([
      expect.stringMatching(/installing node-llama-cpp 3\.22\.1 \(about 120 MB.*once for this runner/),
    ]);
  });

  it('is taken from there by later runs', async () => {
    const first = await ensure();
    expect(await ensure()).toBe(first);
    expect(installs).toBe(1);
  });

  it('brings the builds for GPUs where there is a GPU', async () => {
    expect(await ensure({ hasGpu: () => true })).toContain('-gpu-');
    expect(said[0]).toContain('CUDA');
  });

  it('is not installed where this package has it already', async () => {
    const root = await exported();
    await mkdir(join(root, 'node_modules', 'node-llama-cpp'), { recursive: true });
    expect(await ensure({ root })).toBe(root);
    expect(installs).toBe(0);
  });

  it('leaves nothing half-done behind when the installation fails, so that the next run tries again', async () => {
    const broken: NpmCi = async (where) => {
      await mkdir(join(where, 'node_modules', 'half'), { recursive: true });
      throw new Error('network');
    };
    await expect(ensure({ npmCi: broken })).rejects.toThrow('network');
    const left = await readdir(join(folder, 'tools'), { recursive: true });
    expect(left.filter((name) => /node_modules|part/.test(name))).toEqual([]);
    expect(await ensure()).toContain('-cpu-');
  });

  it('installed by two jobs at once is one installation', async () => {
    const [first, second] = await Promise.all([ensure(), ensure()]);
    expect(first).toBe(second);
    expect(await readdir(join(first, '..'))).toEqual(['x64']);
  });

  it('is refused where no build has a known hash', async () => {
    await expect(ensure({ machine: { platform: 'sunos', arch: 'x64' } })).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining("can't be installed on this runner (sunos-x64)"),
    });
    expect(installs).toBe(0);
  });
});

describe('what is installed', () => {
  it.each(['cpu', 'gpu'])('is pinned to the version that the package names (%s)', async (kind) => {
    const read = async (path: string) => JSON.parse(await readFile(join(packageRoot(), path), 'utf8'));
    const { peerDependencies } = await read('package.json');
    const { dependencies } = await read(`build/llama/${kind}/package.json`);
    expect(dependencies['node-llama-cpp']).toBe(peerDependencies['node-llama-cpp']);
    const { packages } = await read(`build/llama/${kind}/package-lock.json`);
    expect(packages['node_modules/node-llama-cpp'].version).toBe(peerDependencies['node-llama-cpp']);
  });

  it.each(['cpu', 'gpu'])('has a hash for every package that Linux on x64 takes (%s)', async (kind) => {
    const lock = JSON.parse(await readFile(join(packageRoot(), 'build', 'llama', kind, 'package-lock.json'), 'utf8'));
    const taken = Object.entries<{ os?: string[]; cpu?: string[]; link?: boolean; integrity?: string }>(lock.packages)
      .filter(([name, { link }]) => name.startsWith('node_modules/') && !name.endsWith('/left-out') && !link)
      .filter(([, { os, cpu }]) => (os ?? ['linux']).includes('linux') && (cpu ?? ['x64']).includes('x64'));
    expect(taken.length).toBeGreaterThan(50);
    expect(taken.filter(([, { integrity }]) => !integrity).map(([name]) => name)).toEqual([]);
  });
});
