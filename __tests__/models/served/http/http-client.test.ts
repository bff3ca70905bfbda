import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { openServed } from '../../../../src/models/served/served-model.js';
import { completion, failure } from '../../../support/fault-server.js';
import { ask, closeServers, errorFrom, LIMITS, serve } from '../../served.js';
import { served, testPorts } from '../../support.js';

afterEach(closeServers);

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
