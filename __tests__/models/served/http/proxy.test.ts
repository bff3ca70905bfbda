import { afterEach, describe, expect, it } from '@jest/globals';
import { ConfigError, ProviderError } from '../../../../src/core/errors.js';
import { openServed } from '../../../../src/models/served/served-model.js';
import { type ConnectProxy, type ProxyRules, startConnectProxy } from '../../../support/connect-proxy.js';
import { completion, type FaultServer } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, serve } from '../../served.js';
import { served, testPorts } from '../../support.js';

const proxies: ConnectProxy[] = [];
afterEach(async () => {
  await closeServers();
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});

async function behindProxy(rules: ProxyRules = {}): Promise<{ server: FaultServer; proxy: ConnectProxy }> {
  const server = await serve(() => completion('Hi.'));
  const proxy = await startConnectProxy(Number(new URL(server.origin).port), rules);
  proxies.push(proxy);
  return { server, proxy };
}

const model = (environment: Record<string, string>, baseUrl = 'http://model.invalid/v1') =>
  openServed('tuned', served(baseUrl), 'candidate', testPorts(environment), LIMITS);

const withCredentials = ({ port }: ConnectProxy, credentials: string) => `http://${credentials}@127.0.0.1:${port}`;

describe('a proxy that the environment names', () => {
  it.each(['http_proxy', 'HTTP_PROXY'])('(%s) carries the requests, host names unresolved', async (name) => {
    const { server, proxy } = await behindProxy();
    expect(await ask(model({ [name]: proxy.url }))).toMatchObject({ text: 'Hi.' });
    expect(proxy.asked).toEqual(['model.invalid:80']);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer sk-secret-1');
  });

  it('gets the credentials of its URL, and the server does not', async () => {
    const { server, proxy } = await behindProxy({ credentials: 'team:pass word' });
    const environment = { http_proxy: withCredentials(proxy, 'team:pass%20word') };
    expect(await ask(model(environment))).toMatchObject({ text: 'Hi.' });
    expect(server.seen[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it.each(['no_proxy', 'NO_PROXY'])('is left out for the hosts of %s', async (name) => {
    const { server } = await behindProxy();
    const environment = { http_proxy: 'http://127.0.0.1:1', [name]: 'localhost, 127.0.0.1' };
    expect(await ask(model(environment, `${server.origin}/v1`))).toMatchObject({ text: 'Hi.' });
  });
});

describe('trouble with a proxy names its variable and what to do, and never the credentials', () => {
  const exempt = /or have NO_PROXY exempt model\.invalid/;

  it.each<[string, ProxyRules, string, RegExp, string]>([
    [
      'no credentials',
      { credentials: 'team:right' },
      '',
      /wants credentials and gets none \(status 407\).*http:\/\/USER:PASSWORD@127/,
      'proxy',
    ],
    [
      'wrong credentials',
      { credentials: 'team:right' },
      'team:wrong-pass',
      /refuses those it gets \(status 407\)/,
      'proxy',
    ],
    [
      'a host that it does not allow',
      { refuses: 403 },
      'team:wrong-pass',
      /does not let the request through \(status 403\)/,
      'proxy',
    ],
  ])('%s', async (_, rules, credentials, words, code) => {
    const { server, proxy } = await behindProxy(rules);
    const url = credentials === '' ? proxy.url : withCredentials(proxy, credentials);
    const error = await errorFrom(model({ HTTP_PROXY: url }).preflight());
    expect(error).toBeInstanceOf(ProviderError);
    expect(error).toMatchObject({ code: `endpoint.${code}`, exitCode: 2 });
    expect(error.message).toMatch(
      /^candidate-base-url http:\/\/model\.invalid\/v1: HTTP_PROXY names the proxy http:\/\/127\.0\.0\.1:\d+, which/,
    );
    expect(error.message).toMatch(words);
    expect(error.message).toMatch(exempt);
    expect(error.message).not.toMatch(/team|wrong-pass/);
    expect(server.seen).toHaveLength(0);
  });

  it.each([502, 503])('a server behind it that is not up yet (%i) is worth waiting for', async (refuses) => {
    const { proxy } = await behindProxy({ refuses });
    const error = await errorFrom(model({ http_proxy: proxy.url }).preflight());
    expect(error).toMatchObject({
      code: 'endpoint.unreachable',
      message: expect.stringMatching(/http_proxy names the proxy .* can't reach the server/),
    });
  });

  it('nothing listens at its address', async () => {
    const error = await errorFrom(
      model({ https_proxy: 'http://me:secret@127.0.0.1:1' }, 'https://model.invalid/v1').preflight(),
    );
    expect(error).toMatchObject({ code: 'endpoint.unreachable', exitCode: 2 });
    expect(error.message).toMatch(
      /: https_proxy names the proxy http:\/\/127\.0\.0\.1:1, which can't be reached: nothing listens there.*Mend https_proxy/,
    );
    expect(error.message).not.toContain('secret');
  });

  it('its host is unknown', async () => {
    const error = await errorFrom(model({ HTTP_PROXY: 'http://proxy.invalid:3128' }).preflight());
    expect(error.message).toMatch(
      /HTTP_PROXY names the proxy http:\/\/proxy\.invalid:3128, which can't be reached: the host name/,
    );
  });

  it('a server without a proxy that is down is the server’s own trouble', async () => {
    const environment = { http_proxy: 'http://127.0.0.1:1', no_proxy: '127.0.0.1' };
    const error = await errorFrom(model(environment, 'http://127.0.0.1:2/v1').preflight());
    expect(error.message).toMatch(
      /^candidate-base-url http:\/\/127\.0\.0\.1:2\/v1: can't be reached: nothing listens there/,
    );
  });

  it.each([
    [
      'proxy.example.com:3128',
      /^https_proxy: "proxy\.example\.com:3128" is no proxy's address\. Accepted: http:\/\/HOST:PORT/,
    ],
    ['me:secret@proxy:3128', /^https_proxy: "\*\*\*@proxy:3128" is no proxy's address/],
    ['ftp://me:secret@proxy', /^https_proxy: "\*\*\*@proxy" is no/],
  ])('an address that is none: %s', (value, words) => {
    const openIt = () => model({ https_proxy: value });
    expect(openIt).toThrow(ConfigError);
    expect(openIt).toThrow(words);
  });

  it('a variable that is set to nothing names none', async () => {
    const { server } = await behindProxy();
    expect(await ask(model({ http_proxy: '', HTTP_PROXY: 'nonsense' }, `${server.origin}/v1`))).toMatchObject({
      text: 'Hi.',
    });
  });
});
