/** What a user downloads with the npm package. */
import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from '../../scripts/support/machine.mjs';

const run = promisify(execFile);
const LIMIT_MS = 15 * 60_000;

/**
 * Bytes of all files below a folder; links count for nothing.
 * @param {string} folder
 */
export async function sizeOf(folder) {
  const names = await readdir(folder, { recursive: true });
  const stats = await Promise.all(names.map((name) => lstat(join(folder, name))));
  return stats.reduce((total, stat) => total + (stat.isFile() ? stat.size : 0), 0);
}

/**
 * Packs the repository and installs it into an empty project, from an empty npm cache.
 * @param {boolean} embedded with node-llama-cpp, its CUDA and Vulkan builds left out as this repository does
 * @returns {Promise<{ packed: number, installed: number, packages: number, milliseconds: number }>} bytes and a time
 */
export async function installPackage(embedded) {
  const folder = await mkdtemp(join(tmpdir(), 'install-'));
  try {
    const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: ROOT,
      timeout: LIMIT_MS,
    });
    const [{ filename, size }] = JSON.parse(stdout);
    const project = join(folder, 'project');
    await writeProject(project, join(folder, filename), embedded ? manifest : null);
    const start = performance.now();
    await run('npm', ['install', '--cache', join(folder, 'cache'), '--no-audit', '--no-fund'], {
      cwd: project,
      timeout: LIMIT_MS,
    });
    const milliseconds = performance.now() - start;
    const { packages } = JSON.parse(await readFile(join(project, 'node_modules', '.package-lock.json'), 'utf8'));
    const installed = await sizeOf(join(project, 'node_modules'));
    return { packed: size, installed, packages: Object.keys(packages).length, milliseconds };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} project
 * @param {string} tarball
 * @param {any} manifest of this repository, where the embedded models are wanted
 */
async function writeProject(project, tarball, manifest) {
  await mkdir(project);
  const dependencies = { 'misalignment-gate': `file:${tarball}` };
  const embedded = manifest && {
    dependencies: { ...dependencies, 'node-llama-cpp': manifest.devDependencies['node-llama-cpp'] },
    overrides: Object.fromEntries(
      Object.keys(manifest.overrides).map((name) => [name, `file:${join(project, 'empty-package')}`]),
    ),
  };
  if (manifest) await cp(join(ROOT, 'build', 'empty-package'), join(project, 'empty-package'), { recursive: true });
  await writeFile(join(project, 'package.json'), JSON.stringify({ private: true, dependencies, ...embedded }));
}
