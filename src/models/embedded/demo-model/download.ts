import { createWriteStream } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Logger } from '../../../core/log.js';

export type Fetch = (url: string, init: { readonly signal: AbortSignal }) => Promise<Response>;

export interface DownloadPorts {
  readonly log: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly fetchFn?: Fetch;
}

/** A hub that is blocked often neither answers nor refuses; the way through PyPI must not wait for it long. */
const FIRST_BYTE_MS = 5000;
/** Without a byte for this long, a download is given up. */
const STALL_MS = 30_000;

/**
 * Downloads `url` to `path`.
 * @param bytes the size it must have.
 * @throws Error when nothing comes in 5 seconds, nothing more for 30, or the size differs.
 */
export async function downloadFile(url: string, path: string, bytes: number, ports: DownloadPorts): Promise<void> {
  const watch = watchdog();
  try {
    watch.expectWithin(FIRST_BYTE_MS);
    const send = ports.fetchFn ?? (await defaultFetch(ports.environment));
    const response = await send(url, { signal: watch.signal });
    if (!response.ok || response.body === null) throw new Error(`HTTP ${response.status}`);
    const { meter, received } = meterTo(ports.log, bytes, () => watch.expectWithin(STALL_MS));
    await pipeline(Readable.fromWeb(response.body as never), meter, createWriteStream(path), { signal: watch.signal });
    if (received() !== bytes) throw new Error(`${received()} bytes came instead of ${bytes}`);
  } catch (error) {
    throw watch.signal.aborted ? watch.signal.reason : explained(error);
  } finally {
    watch.stop();
  }
}

function watchdog() {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  return {
    signal: controller.signal,
    expectWithin(milliseconds: number) {
      clearTimeout(timer);
      timer = setTimeout(() => controller.abort(new Error(`no byte came in ${milliseconds / 1000} s`)), milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Counts what passes, says every quarter, and stops a body that is larger than it may be. */
function meterTo(log: Logger, bytes: number, onChunk: () => void) {
  let count = 0;
  let said = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      onChunk();
      const quarter = Math.floor((4 * count) / bytes);
      if (quarter > said && quarter < 4) log.info(`… ${quarter * 25} %`);
      said = Math.max(said, quarter);
      done(count > bytes ? new Error(`more than ${bytes} bytes came`) : null, chunk);
    },
  });
  return { meter, received: () => count };
}

/** `fetch failed` says nothing; what it failed by is in its cause. */
function explained(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? error.cause : error;
}

async function defaultFetch(environment: DownloadPorts['environment']): Promise<Fetch> {
  const proxied = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some((name) => environment[name]);
  if (!proxied) return fetch;
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent();
  return (url, init) => undiciFetch(url, { ...init, dispatcher }) as unknown as Promise<Response>;
}
