import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseReport } from '../../../src/report/json/report-json.js';
import { type Certificate, makeCertificate } from '../../support/certificate.js';
import { type ConnectProxy, startConnectProxy } from '../../support/connect-proxy.js';
import { type Bundle, bundleInRepository } from '../support/bundle.js';
import { type CliRun, runCli } from '../support/cli.js';
import { MockOpenAI } from '../support/mock-openai.js';

let folder: string;
let bundle: Bundle;
let models: MockOpenAI;
let secured: Server;
let port: number;
let certificate: Certificate;
let proxy: ConnectProxy;

/** A name that nobody but the proxy finds. */
const HIDDEN = 'https://models.invalid/v1';
const CREDENTIALS = 'ci-runner:pass word';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  [bundle, models] = await Promise.all([bundleInRepository(), MockOpenAI.start({ key: 'sk-test-12345' })]);
  certificate = await makeCertificate(folder, ['DNS:models.invalid', 'IP:127.0.0.1']);
  // TLS in front of the models, with a certificate of a private authority.
  secured = createServer(certificate, (socket) => {
    const plain = connect(Number(new URL(models.url).port), '127.0.0.1');
    socket.pipe(plain).pipe(socket);
    socket.on('error', () => plain.destroy());
    plain.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => secured.listen(0, '127.0.0.1', resolve));
  port = (secured.address() as AddressInfo).port;
  proxy = await startConnectProxy(port, { credentials: CREDENTIALS });
}, 120_000);

afterAll(async () => {
  await Promise.allSettled([proxy?.close(), models?.stop(), bundle?.remove()]);
  secured?.close();
  await rm(folder, { recursive: true, force: true });
});

const named = (credentials = CREDENTIALS) =>
  `http://${credentials.split(':').map(encodeURIComponent).join(':')}@127.0.0.1:${proxy.port}`;

function run(baseUrl: string, environment: Readonly<Record<string, string>>): Promise<CliRun> {
  const flags = { candidate: 'tuned-good', baseline: 'base', judge: 'judge', battery: 'quick', resume: 'false' };
  const args = Object.entries({ ...flags, 'base-url': baseUrl }).flatMap(([name, value]) => [`--${name}`, value]);
  const env = { OPENAI_API_KEY: 'sk-test-12345', NODE_EXTRA_CA_CERTS: certificate.path, ...environment };
  return runCli(bundle, ['run', ...args, '--json'], { cwd: folder, env });
}

describe('a whole run through a proxy that wants credentials, to a server with a private certificate', () => {
  it('comes to its verdict', async () => {
    const { exitCode, stdout, stderr } = await run(HIDDEN, { HTTPS_PROXY: named() });
    expect([exitCode, stderr]).toEqual([0, expect.any(String)]);
    const report = parseReport(stdout, 'stdout');
    expect([report.verdict, report.missing]).toEqual(['pass', { candidate: {}, baseline: {} }]);
    expect(new Set(proxy.asked)).toEqual(new Set(['models.invalid:443']));
    expect(stdout + stderr).not.toMatch(/pass( |%20)word/);
  }, 120_000);

  it('goes by no proxy to the hosts of NO_PROXY', async () => {
    const before = proxy.asked.length;
    const environment = { HTTPS_PROXY: 'http://127.0.0.1:1', NO_PROXY: 'other.example.com,127.0.0.1' };
    const { exitCode } = await run(`https://127.0.0.1:${port}/v1`, environment);
    expect([exitCode, proxy.asked.length]).toEqual([0, before]);
  }, 120_000);

  it.each([
    [
      'that is down',
      () => 'http://127.0.0.1:1',
      /HTTPS_PROXY names the proxy http:\/\/127\.0\.0\.1:1, which can't be reached.*NO_PROXY/,
    ],
    [
      'that refuses the credentials',
      () => named('ci-runner:stale'),
      /HTTPS_PROXY names .* wants credentials and refuses those it gets \(status 407\)/,
    ],
  ])(
    'ends without a verdict at a proxy %s, and says which variable to mend',
    async (_, url, words) => {
      const asked = models.requests.length;
      const { exitCode, stdout, stderr } = await run(HIDDEN, { HTTPS_PROXY: url() });
      expect([exitCode, stdout]).toEqual([2, expect.not.stringMatching(/"verdict": "(pass|fail)"/)]);
      expect(stderr).toMatch(words);
      expect([models.requests.length, stderr.includes('stale')]).toEqual([asked, false]);
    },
    120_000,
  );

  it('ends at once at a certificate that nobody vouches for', async () => {
    const { exitCode, stderr } = await run(HIDDEN, { HTTPS_PROXY: named(), NODE_EXTRA_CA_CERTS: '' });
    expect([exitCode, stderr]).toEqual([
      2,
      expect.stringMatching(/certificate is self-signed: give its authority in NODE_EXTRA_CA_CERTS/),
    ]);
  }, 120_000);
});
