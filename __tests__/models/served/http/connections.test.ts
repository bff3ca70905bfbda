import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { UNWATCHED } from '../../../../src/core/activity.js';
import { HttpClient } from '../../../../src/models/served/http/http-client.js';
import { connectionsOpened, REQUESTS_A_ROUND } from '../../../../src/models/served/http/proxy.js';

it('connections are made anew in every round, so that a router’s replicas are met, and every one is counted', async () => {
  const sockets = new Set<unknown>();
  const server = createServer(({ socket }, response) => {
    sockets.add(socket);
    response.end('{}');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ports = { environment: {}, activity: UNWATCHED };
  const client = new HttpClient({ baseUrl, query: '', keyHeader: null, timeoutSeconds: 10, ...ports });
  const before = connectionsOpened();
  const lanes = 8;
  let sent = 0;
  const lane = async () => {
    for (; sent < 3 * REQUESTS_A_ROUND; ) {
      sent += 1;
      const { status } = await client.post('/', '{}', { signal: undefined, onSent: () => {} });
      expect(status).toBe(200);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  expect(sockets.size).toBeGreaterThanOrEqual(3 * lanes);
  expect(connectionsOpened() - before).toBe(sockets.size);
  server.closeAllConnections();
  server.close();
});
