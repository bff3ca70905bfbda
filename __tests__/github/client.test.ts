import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '../../src/github/client.js';
import { recorder } from './recorder.js';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const connect = (apiUrl: string, environment: Record<string, string> = {}, { log } = recorder()) =>
  createClient({ token: 'gh-token', apiUrl, log, environment, userAgent: 'misalignment-gate/test' });

describe('the client of GitHub’s API', () => {
  it('talks to GITHUB_API_URL, with the token and under its name', async () => {
    const seen: unknown[] = [];
    const url = await serve(({ url: path, headers }, response) => {
      seen.push([path, headers.authorization, headers['user-agent']?.split(' ')[0]]);
      response.setHeader('content-type', 'application/json').end('{}');
    });
    await (await connect(`${url}/api/v3/`)).request('GET /repos/team/models');
    expect(seen).toEqual([['/api/v3/repos/team/models', 'token gh-token', 'misalignment-gate/test']]);
  });

  it('asks GraphQL where GitHub Enterprise Server has it', async () => {
    const seen: unknown[] = [];
    const url = await serve(({ url: path, headers }, response) => {
      seen.push([path, headers.authorization]);
      response.setHeader('content-type', 'application/json').end('{"data":{"viewer":{"login":"gate"}}}');
    });
    await (await connect(`${url}/api/v3`)).graphql('query { viewer { login } }');
    expect(seen).toEqual([['/api/graphql', 'token gh-token']]);
  });

  it('does not follow a page link to another host with the token', async () => {
    const strangers: unknown[] = [];
    const stranger = await serve((request, response) => {
      strangers.push(request.headers);
      response.end('[]');
    });
    const url = await serve((_, response) => {
      response.setHeader('link', `<${stranger}/next>; rel="next"`).setHeader('content-type', 'application/json');
      response.end('[]');
    });
    const client = await connect(url);
    await expect(client.paginate('GET /repos/team/models/issues/1/comments')).rejects.toThrow(/refused to send/);
    expect(strangers).toEqual([]);
  });

  it('leaves the token behind when it is redirected to another host', async () => {
    const strangers: unknown[] = [];
    const stranger = await serve((request, response) => {
      strangers.push(request.headers.authorization ?? 'none');
      response.setHeader('content-type', 'application/json').end('{}');
    });
    const url = await serve((_, response) => response.writeHead(302, { location: `${stranger}/moved` }).end());
    await (await connect(url)).request('GET /repos/team/models');
    expect(strangers).toEqual(['none']);
  });

  it('tries again after a server error', async () => {
    let tries = 0;
    const url = await serve((_, response) => {
      tries += 1;
      response
        .setHeader('content-type', 'application/json')
        .writeHead(tries === 1 ? 502 : 200)
        .end('{}');
    });
    await (await connect(url)).request('GET /repos/team/models');
    expect(tries).toBe(2);
  });

  it('waits for a rate limit, says so, and gives up when that takes too long', async () => {
    const { log, lines } = recorder();
    const url = await serve((_, response) => {
      const reset = String(Math.floor(Date.now() / 1000) + 3_000);
      response.setHeader('x-ratelimit-remaining', '0').setHeader('x-ratelimit-reset', reset);
      response
        .setHeader('content-type', 'application/json')
        .writeHead(403)
        .end('{"message":"API rate limit exceeded"}');
    });
    const client = await connect(url, {}, { log, lines });
    await expect(client.request('GET /repos/team/models')).rejects.toThrow(/rate limit/);
    expect(lines).toContainEqual(expect.stringMatching(/info: GitHub's rate limit is reached: giving this request up/));
  });

  it.each([
    ['a rate limit', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '0' }, 'API rate limit exceeded'],
    ['a secondary rate limit', { 'retry-after': '1' }, 'You have exceeded a secondary rate limit'],
  ])('waits %s out, and says so', async (name, headers, message) => {
    let tries = 0;
    const url = await serve((_, response) => {
      tries += 1;
      response.setHeader('content-type', 'application/json');
      if (tries > 1) response.end('{}');
      else response.writeHead(403, headers).end(JSON.stringify({ message }));
    });
    const { log, lines } = recorder();
    await (await connect(url, {}, { log, lines })).request('GET /repos/team/models');
    expect(tries).toBe(2);
    expect(lines.join()).toContain(`GitHub's ${name.replace('a ', '')} is reached: trying again in`);
  });

  it('follows a repository that was renamed, with what it reads and what it writes', async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += String(chunk);
      });
      request.on('end', () => {
        seen.push([request.method, request.url, request.headers.authorization, body]);
        response.setHeader('content-type', 'application/json');
        const location = (request.url ?? '').replace('/repos/team/old', '/repositories/42');
        if (location !== request.url) response.writeHead(request.method === 'GET' ? 301 : 307, { location });
        response.end('{}');
      });
    });
    const client = await connect(url);
    await client.request('GET /repos/team/old');
    await client.request('POST /repos/team/old/issues/7/comments', { body: 'x' });
    expect(seen.filter((_, at) => at % 2 === 1)).toEqual([
      ['GET', '/repositories/42', 'token gh-token', ''],
      ['POST', '/repositories/42/issues/7/comments', 'token gh-token', '{"body":"x"}'],
    ]);
  });

  it('goes through the proxy of the environment', async () => {
    const proxied: unknown[] = [];
    const proxy = await serve(() => {});
    servers.at(-1)?.on('connect', (request, socket) => {
      proxied.push(request.url);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const saved = process.env.HTTPS_PROXY;
    process.env.HTTPS_PROXY = proxy;
    try {
      const client = await connect('https://api.github.invalid', { HTTPS_PROXY: proxy });
      await expect(client.request('GET /repos/team/models', { request: { retries: 0 } })).rejects.toThrow(
        /502.*; HTTPS_PROXY names a proxy: is it up, .* NO_PROXY/,
      );
    } finally {
      if (saved === undefined) delete process.env.HTTPS_PROXY;
      else process.env.HTTPS_PROXY = saved;
    }
    expect(proxied[0]).toBe('api.github.invalid:443');
  });
});
