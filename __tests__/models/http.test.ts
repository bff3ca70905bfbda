import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openServed } from '../../src/models/openai.js';
import { completion, failure } from '../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, serve } from './served.js';
import { served, testPorts } from './support.js';

afterEach(closeServers);

/** A proxy that tunnels whatever is asked for to one local server, and notes the names asked for. */
async function startProxy(target: string) {
  const asked: string[] = [];
  const proxy = createServer().on('connect', (request, client, head) => {
    asked.push(request.url ?? '');
    const upstream = connect(Number(new URL(target).port), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  return { url, asked, close: () => new Promise((resolve) => proxy.close(resolve)) };
}

describe('a proxy that the environment names', () => {
  it.each(['http_proxy', 'HTTP_PROXY'])('(%s) carries the requests, host names unresolved', async (name) => {
    const server = await serve(() => completion('Hi.'));
    const proxy = await startProxy(server.origin);
    const ports = testPorts({ [name]: proxy.url });
    const model = openServed('tuned', served('http://model.invalid/v1'), 'candidate', ports, LIMITS);
    expect(await ask(model)).toMatchObject({ text: 'Hi.' });
    expect(proxy.asked).toEqual(['model.invalid:80']);
    expect(server.seen[0]?.headers.authorization).toBe('Bearer sk-secret-1');
    await closeServers();
    await proxy.close();
  });

  it('is left out for the hosts of no_proxy', async () => {
    const server = await serve(() => completion('Hi.'));
    const ports = testPorts({ http_proxy: 'http://127.0.0.1:1', no_proxy: '127.0.0.1' });
    const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, LIMITS);
    expect(await ask(model)).toMatchObject({ text: 'Hi.' });
  });
});

describe('a request counts as sent', () => {
  const LIMITS_ONCE = { ...LIMITS, maxRetries: 0, timeoutSeconds: 0.3 };

  it('each time that it reaches a server, whatever becomes of it', async () => {
    const replies = [failure(500, { message: 'oops' }), { fault: 'cut' as const }, completion('Hi.')];
    const server = await serve(() => replies.shift() ?? completion('Hi.'));
    const ports = testPorts();
    await ask(openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, LIMITS));
    expect([ports.sent.length, server.seen.length]).toEqual([3, 3]);
  });

  it('not where nothing listens', async () => {
    const server = await serve(() => completion('Hi.'));
    await server.close();
    const ports = testPorts();
    const model = openServed('tuned', served(`${server.origin}/v1`), 'candidate', ports, LIMITS_ONCE);
    await errorFrom(ask(model));
    expect(ports.sent).toEqual([]);
  });

  it('not when it is called off before its connection stands, which does not keep anybody waiting', async () => {
    // It speaks no TLS: the handshake never ends.
    const sockets: Socket[] = [];
    const mute = createTcpServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    const ports = testPorts();
    const url = `https://127.0.0.1:${(mute.address() as AddressInfo).port}/v1`;
    const model = openServed('tuned', served(url), 'candidate', ports, LIMITS_ONCE);
    expect(await errorFrom(ask(model))).toMatchObject({ code: 'endpoint.timeout' });
    expect(ports.sent).toEqual([]);
    for (const socket of sockets) socket.destroy();
    mute.close();
  }, 5_000);
});
