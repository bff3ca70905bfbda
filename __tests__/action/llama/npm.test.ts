import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { npmCi } from '../../../src/action/llama/npm.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'npm-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const project = (name: string, content: object) => writeFile(join(folder, name), JSON.stringify(content));

describe('npm ci', () => {
  it('says what npm complains of, and that the network or the registry is to be mended', async () => {
    await project('package.json', { name: 'x', version: '1.0.0', dependencies: { ms: '2.1.3' } });
    await project('package-lock.json', {
      name: 'x',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'x', version: '1.0.0', dependencies: { ms: '2.1.3' } },
        'node_modules/ms': { version: '2.1.3', integrity: `sha512-${'A'.repeat(86)}==` },
      },
    });
    const environment = { ...process.env, npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0' };
    const offline = { ...environment, npm_config_cache: join(folder, 'cache') };
    await expect(npmCi(folder, { environment: offline })).rejects.toMatchObject({
      code: 'llama.install-failed',
      exitCode: 2,
      message: expect.stringMatching(/could not be installed: npm says: .*ECONNREFUSED.*Mend the network/s),
    });
  }, 60_000);

  const onPosix = process.platform === 'win32' ? it.skip : it;

  onPosix('gets none of the job’s keys and inputs, but npm’s own settings', async () => {
    await writeFile(join(folder, 'npm'), `#!/bin/sh\nenv > ${join(folder, 'env')}\n`);
    await chmod(join(folder, 'npm'), 0o755);
    const path = [folder, process.env.PATH].join(delimiter);
    const keys = { OPENAI_API_KEY: 'sk-1', 'INPUT_API-KEY': 'sk-2', ACTIONS_RUNTIME_TOKEN: 't', GITHUB_TOKEN: 'ghs' };
    const own = { NODE_AUTH_TOKEN: 'registry', npm_config_registry: 'https://registry.example/', HTTPS_PROXY: 'p' };
    await withoutOwnNpm(() => npmCi(folder, { environment: { PATH: path, ...keys, ...own } }));
    const seen = await readFile(join(folder, 'env'), 'utf8');
    for (const name of Object.keys(keys)) expect(seen).not.toContain(name);
    for (const name of Object.keys(own)) expect(seen).toContain(name);
  });

  onPosix('without npm says so, and how to get one', async () => {
    const nothing = withoutOwnNpm(() => npmCi(folder, { environment: { PATH: folder } }));
    await expect(nothing).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('actions/setup-node'),
    });
  });
});

/** As on a runner whose Node came without npm. */
async function withoutOwnNpm<T>(work: () => Promise<T>): Promise<T> {
  const { execPath } = process;
  process.execPath = join(folder, 'bin', 'node');
  try {
    return await work();
  } finally {
    process.execPath = execPath;
  }
}
