import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the server got it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The parsed JSON body; undefined without one. */
  readonly body: Record<string, unknown> | undefined;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string or a buffer goes out as it is, anything else as JSON. */
  readonly body?: unknown;
  /** So long after the request, at the least. */
  readonly delayMs?: number;
  /**
   * Instead of a reply: cut the connection, never answer, stop in the middle of the body, or cut the connection there: of a
   * body in chunks, of one whose length was told, of one that ends where the connection does.
   */
  readonly fault?: 'cut' | 'hang' | 'stall' | 'half' | 'half-of-length' | 'half-to-end';
}

export interface FaultServer {
  /** `http://127.0.0.1:PORT`, without a path. */
  readonly origin: string;
  readonly seen: readonly Seen[];
  close(): Promise<void>;
}

/** A local OpenAI-compatible server that misbehaves as told: each request is answered by what `answer` says. */
export async function startFaultServer(answer: (request: Seen) => Reply): Promise<FaultServer> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const entry = await read(request);
    seen.push(entry);
    const reply = answer(entry);
    if (reply.delayMs) await new Promise((resolve) => setTimeout(resolve, reply.delayMs));
    send(response, reply);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    seen,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A well-formed chat completion. */
export function completion(content: unknown, more: { finish?: string; message?: object; top?: object } = {}): Reply {
  return {
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      model: 'served-name',
      choices: [
        { index: 0, finish_reason: more.finish ?? 'stop', message: { role: 'assistant', content, ...more.message } },
      ],
      usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
      ...more.top,
    },
  };
}

/** An error as OpenAI words it. Waits between retries are cut to a millisecond. */
export function failure(status: number, error: object): Reply {
  return { status, headers: { 'retry-after-ms': '1' }, body: { error } };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body = {}, fault }: Reply): void {
  if (fault === 'hang') return;
  if (fault === 'cut') {
    response.destroy();
    return;
  }
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  const told = fault === 'half-of-length' ? { 'content-length': String(Buffer.byteLength(text)) } : {};
  if (fault === 'half-to-end') {
    sendHalfToEnd(response, text.slice(0, 40).toString());
    return;
  }
  response.writeHead(status, { 'content-type': 'application/json', ...headers, ...told });
  if (fault === undefined) response.end(text);
  else if (fault === 'stall') response.write(text.slice(0, 5));
  else response.write(text.slice(0, 5), () => response.destroy());
}

/** As HTTP/1.0 servers do: nothing in it tells half a body from a whole one. */
function sendHalfToEnd({ socket }: ServerResponse, half: string): void {
  socket?.end(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n${half}`);
}
