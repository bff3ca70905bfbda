import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';

export interface ConnectProxy {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  readonly port: number;
  /** The targets asked for, `host:port`, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export interface ProxyRules {
  /** `USER:PASSWORD`; without it anybody may pass. */
  readonly credentials?: string;
  /** Refuses every tunnel with this status. */
  readonly refuses?: number;
}

/** A real proxy that tunnels (`CONNECT`), whatever host is asked for, to one port of this machine. */
export async function startConnectProxy(
  target: number,
  { credentials, refuses }: ProxyRules = {},
): Promise<ConnectProxy> {
  const asked: string[] = [];
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const proxy = createServer().on('connect', (request, client, head) => {
    asked.push(request.url ?? '');
    client.on('error', () => client.destroy());
    const allowed = wanted === undefined || request.headers['proxy-authorization'] === wanted;
    const status = refuses ?? (allowed ? 200 : 407);
    if (status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`);
    const upstream = connect(target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const close = async () => {
    proxy.closeAllConnections();
    await new Promise((resolve) => proxy.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, port, asked, close };
}
