import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isInstalled } from '../../scripts/support/install.mjs';
import { packageRoot } from '../../src/core/package.js';

let project: string;
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'install-'));
});
afterEach(() => rm(project, { recursive: true, force: true }));

async function write(path: string, data: unknown): Promise<void> {
  await mkdir(join(project, path, '..'), { recursive: true });
  await writeFile(join(project, path), JSON.stringify(data));
}

const LOCKED = {
  '': { name: 'project' },
  'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
  'node_modules/other-platform': { version: '2.0.0', integrity: 'sha512-o', optional: true },
};

async function locked(installed: object | null): Promise<boolean> {
  await write('package-lock.json', { packages: LOCKED });
  if (installed) await write('node_modules/.package-lock.json', { packages: installed });
  return isInstalled(project);
}

describe('node_modules', () => {
  it('is complete without the optional packages of other platforms', async () => {
    expect(await locked({ 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } })).toBe(true);
  });

  it.each([
    ['is not there', null],
    ['lacks a package', {}],
    ['holds another version', { 'node_modules/a': { version: '1.0.1', integrity: 'sha512-a' } }],
    ['holds other content', { 'node_modules/a': { version: '1.0.0', integrity: 'sha512-b' } }],
    [
      'holds an old optional package',
      {
        'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
        'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-old' },
      },
    ],
  ])('must be installed when it %s', async (_, installed) => {
    expect(await locked(installed)).toBe(false);
  });
});

/** A project whose one package lies beside it: npm needs no network for it. */
async function realProject(version: string): Promise<void> {
  const tool = { name: 'tool', version };
  await write('tool/package.json', tool);
  await write('package.json', { name: 'project', version: '1.0.0', devDependencies: { tool: 'file:tool' } });
  await write('package-lock.json', {
    name: 'project',
    version: '1.0.0',
    lockfileVersion: 3,
    requires: true,
    packages: {
      '': { name: 'project', version: '1.0.0', devDependencies: { tool: 'file:tool' } },
      'node_modules/tool': { resolved: 'tool', link: true },
      tool: { version, dev: true },
    },
  });
}

const SUPPORT = pathToFileURL(join(packageRoot(), 'scripts/support/')).href;
const SCRIPT = `
  import { ensureInstalled } from '${SUPPORT}install.mjs';
  import { main } from '${SUPPORT}machine.mjs';
  await main(async () => { await ensureInstalled(process.argv[1], 'a tool'); return 0; });`;

/** Installs as a script of ours does, in a process of its own. */
function install(env: Readonly<Record<string, string>> = {}): {
  readonly status: number | null;
  readonly stderr: string;
} {
  const words = ['--input-type=module', '--eval', SCRIPT, project];
  return spawnSync(process.execPath, words, { env: { ...process.env, ...env }, encoding: 'utf8', timeout: 100_000 });
}

describe('installing', () => {
  it('runs npm once, also under production settings, and again only when the lock file changes', async () => {
    await realProject('1.0.0');
    const first = install({ NODE_ENV: 'production', npm_config_omit: 'dev' });
    expect(first.stderr).toContain('Installing a tool into');
    expect(first.status).toBe(0);
    const manifest = join(project, 'node_modules/tool/package.json');
    expect(JSON.parse(await readFile(manifest, 'utf8')).version).toBe('1.0.0');

    const mark = join(project, 'node_modules', 'mark');
    await writeFile(mark, 'npm ci would remove this');
    expect(install({ PATH: '/nowhere', npm_execpath: '' })).toMatchObject({ status: 0, stderr: '' });
    expect(await readFile(mark, 'utf8')).toContain('would remove');

    await realProject('1.1.0');
    expect(install().status).toBe(0);
    await expect(readFile(mark)).rejects.toThrow('ENOENT');
  }, 120_000);

  it('fails with npm’s own words and what to do when npm fails', async () => {
    await realProject('1.0.0');
    await writeFile(join(project, 'package.json'), '{ "name": ');
    const { status, stderr } = install();
    expect(status).toBe(3);
    expect(stderr).toContain('EJSONPARSE');
    expect(stderr).toMatch(/npm ci failed with exit code \d+.*run the same command again\.\n$/s);
  }, 120_000);

  it('says where npm comes from when there is none', async () => {
    await realProject('1.0.0');
    const { status, stderr } = install({ PATH: '/nowhere', npm_execpath: '' });
    expect(status).toBe(3);
    expect(stderr).toContain('npm is not on the path. It comes with Node.js');
  });
});
