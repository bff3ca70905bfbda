import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { build } from 'esbuild';
import { packageRoot } from '../../../../src/core/package.js';
import { makeCertificate } from '../../../support/certificate.js';

const run = promisify(execFile);

let folder: string;
let url: string;
let close: () => Promise<unknown>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gate-tls-'));
  const { key, cert } = await makeCertificate(folder, ['IP:127.0.0.1']);
  const server = createServer({ key, cert }, (_, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  close = () => new Promise((resolve) => server.close(resolve));
  // Node reads its authorities when it starts: the client runs in a process of its own.
  await writeFile(
    join(folder, 'ask.ts'),
    `import { UNWATCHED as activity } from ${JSON.stringify(join(packageRoot(), 'src', 'core', 'activity.ts'))};
     import { HttpClient } from ${JSON.stringify(join(packageRoot(), 'src', 'models', 'served', 'http', 'http-client.ts'))};
     const [baseUrl = ''] = process.argv.slice(2);
     const client = new HttpClient({ baseUrl, query: '', keyHeader: null, timeoutSeconds: 10, environment: {}, activity });
     client.post('/x', '{}', { signal: undefined, onSent() {} }).then(
       ({ status }) => console.log(status),
       ({ cause }) => console.log(cause.code),
     );`,
  );
  await build({
    absWorkingDir: packageRoot(),
    entryPoints: [join(folder, 'ask.ts')],
    outfile: join(folder, 'ask.mjs'),
    ...{ bundle: true, format: 'esm', platform: 'node', logLevel: 'silent' },
    nodePaths: [join(packageRoot(), 'node_modules')],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
}, 60_000);

afterAll(async () => {
  await close();
  await rm(folder, { recursive: true, force: true });
});

async function ask(environment: Record<string, string>): Promise<string> {
  const { stdout } = await run(process.execPath, [join(folder, 'ask.mjs'), url], { env: environment, timeout: 30_000 });
  return stdout.trim();
}

describe('a server with a certificate of a private authority', () => {
  it('is trusted when NODE_EXTRA_CA_CERTS names the authority', async () => {
    expect(await ask({ NODE_EXTRA_CA_CERTS: join(folder, 'cert.pem') })).toBe('200');
  }, 30_000);

  it('is not trusted otherwise', async () => {
    expect(await ask({})).toBe('DEPTH_ZERO_SELF_SIGNED_CERT');
  }, 30_000);
});
