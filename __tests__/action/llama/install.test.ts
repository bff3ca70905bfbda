import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ensureLlamaPackage, type LlamaPackagePorts } from '../../../src/action/llama/install.js';
import type { NpmCi } from '../../../src/action/llama/npm.js';
import { silentLogger } from '../../../src/core/log.js';
import { packageRoot } from '../../../src/core/package.js';

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
  const lock: LockFile = JSON.parse(await readFile(join(where, 'package-lock.json'), 'utf8'));
  for (const [name] of packagesOf(lock)) {
    await mkdir(join(where, name), { recursive: true });
    await writeFile(join(where, name, 'package.json'), '{}');
  }
};

/** This package as `uses:` brings it: `build/llama` and no node_modules. */
async function exported(): Promise<string> {
  const root = join(folder, 'action');
  for (const kind of ['cpu', 'gpu', 'cpu-elsewhere', 'gpu-elsewhere']) {
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

  it('without the native build, which npm leaves out when its hash differs, is a failed installation', async () => {
    const withoutBuild: NpmCi = async (where, ports) => {
      await npmCi(where, ports);
      await rm(join(where, 'node_modules', '@node-llama-cpp', 'linux-x64'), { recursive: true });
    };
    await expect(ensure({ npmCi: withoutBuild })).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('need @node-llama-cpp/linux-x64, which npm left out'),
    });
    expect(await ensure()).toContain('-cpu-');
  });

  it.each(['node-llama-cpp/package.json', '@node-llama-cpp/linux-x64'])(
    'of which %s was lost in the tool cache is installed anew, with a warning',
    async (lost) => {
      const where = await ensure();
      await rm(join(where, 'node_modules', lost), { recursive: true });
      const warning = (message: string) => said.push(message);
      expect(await ensure({ log: { ...silentLogger, warning } })).toBe(where);
      expect(said.at(-1)).toContain('is incomplete and is made anew');
      expect(installs).toBe(2);
      expect(await readdir(join(where, 'node_modules', '@node-llama-cpp'))).toContain('linux-x64');
      expect(await readdir(join(where, '..'))).toEqual(['x64']);
    },
  );

  it('installed by two jobs at once is one installation', async () => {
    const [first, second] = await Promise.all([ensure(), ensure()]);
    expect(first).toBe(second);
    expect(await readdir(join(first, '..'))).toEqual(['x64']);
  });

  it.each([
    ['linux', 'x64', '3.22.1'],
    ['linux', 'arm64', '3.22.1'],
    ['linux', 'arm', '3.22.1'],
    ['linux', 'riscv64', '3.21.1'],
    ['darwin', 'arm64', '3.21.1'],
    ['darwin', 'x64', '3.21.1'],
    ['win32', 'arm64', '3.21.1'],
    ['win32', 'x64', '3.21.1'],
  ])('comes for %s on %s as version %s, whose builds for it have hashes', async (platform, arch, version) => {
    const where = await ensure({ machine: { platform, arch } });
    expect(where).toContain(`${version}-cpu-`);
    const lock = JSON.parse(await readFile(join(where, 'package-lock.json'), 'utf8'));
    const taken = takenBy(lock, { platform, arch });
    const native = taken.filter(([name]) => name.startsWith('node_modules/@node-llama-cpp/'));
    expect(native.length).toBeGreaterThan(0);
    expect(taken.filter(([, { integrity }]) => !integrity).map(([name]) => name)).toEqual([]);
  });

  it('brings on a Mac with Apple’s processor the one build there is, which uses its GPU', async () => {
    expect(await ensure({ machine: { platform: 'darwin', arch: 'arm64' }, hasGpu: () => true })).toContain(
      '3.21.1-cpu-',
    );
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
    const taken = takenBy(await lockOf(kind), LINUX);
    expect(taken.length).toBeGreaterThan(50);
    expect(taken.filter(([, { integrity }]) => !integrity).map(([name]) => name)).toEqual([]);
  });

  it.each(['cpu-elsewhere', 'gpu-elsewhere'])('has a hash for every package of every platform (%s)', async (kind) => {
    const lock = await lockOf(kind);
    const unhashed = packagesOf(lock).filter(([, { integrity }]) => !integrity);
    expect(packagesOf(lock).length).toBeGreaterThan(100);
    expect(unhashed.map(([name]) => name)).toEqual([]);
  });
});

interface Entry {
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly link?: boolean;
  readonly integrity?: string;
}

interface LockFile {
  readonly packages: Readonly<Record<string, Entry>>;
}

async function lockOf(kind: string): Promise<LockFile> {
  return JSON.parse(await readFile(join(packageRoot(), 'build', 'llama', kind, 'package-lock.json'), 'utf8'));
}

/** What comes from a registry. */
function packagesOf({ packages }: LockFile): readonly (readonly [string, Entry])[] {
  return Object.entries(packages).filter(
    ([name, { link }]) => name.startsWith('node_modules/') && !name.endsWith('/left-out') && !link,
  );
}

function takenBy(lock: LockFile, { platform, arch }: { platform: string; arch: string }) {
  return packagesOf(lock).filter(
    ([, { os, cpu }]) => (os ?? [platform]).includes(platform) && (cpu ?? [arch]).includes(arch),
  );
}
