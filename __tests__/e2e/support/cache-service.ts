import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One entry of the cache: never changed once it is there. */
export interface CacheEntry {
  readonly key: string;
  readonly version: string;
  readonly bytes: Buffer;
}

interface Reply {
  readonly status: number;
  readonly body?: unknown;
}

/** What the service may have against everything. */
type Trouble = 'refuses' | null;

const TWIRP = '/twirp/github.actions.results.api.v1.CacheService/';
const NOT_OK: Reply = { status: 200, body: { ok: false } };

/**
 * GitHub's cache service, version 2, as far as `@actions/cache` speaks to it: Twirp over JSON for entries, and Azure's block
 * blobs for what is in them.
 */
export class CacheService {
  /** Oldest first. */
  readonly entries: CacheEntry[] = [];
  /** Keys that were refused because there was such an entry. */
  readonly conflicts: string[] = [];
  trouble: Trouble = null;
  readonly #blobs = new Map<string, Buffer>();
  readonly #blocks = new Map<string, Buffer>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));

  static async start(): Promise<CacheService> {
    const service = new CacheService();
    await new Promise<void>((resolve) => service.#server.listen(0, '127.0.0.1', resolve));
    return service;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What a runner tells its steps of the service. */
  get environment(): Readonly<Record<string, string>> {
    return {
      ACTIONS_RESULTS_URL: `${this.#url}/`,
      ACTIONS_RUNTIME_TOKEN: TOKEN,
      ACTIONS_CACHE_SERVICE_V2: 'true',
      // The library takes any other host for GitHub Enterprise Server, which has the older service.
      GITHUB_SERVER_URL: 'https://github.com',
    };
  }

  /** Puts other bytes into an entry, as whoever may write to the cache can. */
  replace(change: (bytes: Buffer) => Buffer): void {
    for (const [at, entry] of this.entries.entries()) this.entries[at] = { ...entry, bytes: change(entry.bytes) };
  }

  get #url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks);
    const url = new URL(request.url ?? '', this.#url);
    if (!url.pathname.startsWith(TWIRP)) return this.#blob(request, response, url, body);
    const { status, body: reply } = this.#call(request, url.pathname.slice(TWIRP.length), JSON.parse(body.toString()));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
  }

  #call({ headers }: IncomingMessage, method: string, asked: Record<string, string | string[]>): Reply {
    if (headers.authorization !== `Bearer ${TOKEN}`)
      return { status: 401, body: { code: 'unauthenticated', msg: 'token' } };
    if (this.trouble) return { status: 403, body: { code: 'permission_denied', msg: 'no cache for you' } };
    const [key, version] = [String(asked.key), String(asked.version)];
    if (method === 'CreateCacheEntry') return this.#create(key, version);
    if (method === 'FinalizeCacheEntryUpload') return this.#finalize(key, version, Number(asked.size_bytes));
    if (method === 'GetCacheEntryDownloadURL') return this.#find([key, ...(asked.restore_keys ?? [])], version);
    return { status: 404, body: { code: 'bad_route', msg: method } };
  }

  #create(key: string, version: string): Reply {
    if (this.entries.some((entry) => entry.key === key && entry.version === version)) {
      this.conflicts.push(key);
      const msg = 'cache entry with the same key, version, and scope already exists';
      return { status: 409, body: { code: 'already_exists', msg } };
    }
    return { status: 200, body: { ok: true, signed_upload_url: this.#signed(key, version) } };
  }

  #finalize(key: string, version: string, size: number): Reply {
    const bytes = this.#blobs.get(new URL(this.#signed(key, version)).pathname);
    if (bytes?.length !== size) return NOT_OK;
    return { status: 200, body: { ok: true, entry_id: String(this.entries.push({ key, version, bytes })) } };
  }

  /** The first key that any entry begins with, and of its entries the newest. */
  #find(keys: readonly string[], version: string): Reply {
    for (const key of keys) {
      const found = this.entries.findLast((entry) => entry.version === version && entry.key.startsWith(key));
      if (found === undefined) continue;
      const body = { ok: true, signed_download_url: this.#signed(found.key, version), matched_key: found.key };
      this.#blobs.set(new URL(body.signed_download_url).pathname, found.bytes);
      return { status: 200, body };
    }
    return NOT_OK;
  }

  #signed(key: string, version: string): string {
    return `${this.#url}/account/cache/${encodeURIComponent(`${key} ${version}`)}?sig=signed`;
  }

  #blob({ method, headers }: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const common = { etag: '"1"', 'last-modified': new Date(0).toUTCString(), 'x-ms-version': '2025-01-05' };
    if (method === 'PUT') {
      this.#put(url, body);
      response.writeHead(201, common).end();
      return;
    }
    const whole = this.#blobs.get(url.pathname);
    if (whole === undefined) {
      response.writeHead(404, common).end();
      return;
    }
    const [, from = '0', to = String(whole.length - 1)] = /bytes=(\d+)-(\d+)/.exec(rangeOf(headers)) ?? [];
    const part = whole.subarray(Number(from), Number(to) + 1);
    const range = { 'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${whole.length}` };
    response.writeHead(rangeOf(headers) === '' ? 200 : 206, {
      ...{ ...common, ...range, 'content-length': String(part.length), 'x-ms-blob-type': 'BlockBlob' },
    });
    response.end(method === 'HEAD' ? undefined : part);
  }

  #put({ pathname, searchParams }: URL, body: Buffer): void {
    const comp = searchParams.get('comp');
    if (comp === 'block') this.#blocks.set(`${pathname} ${searchParams.get('blockid')}`, body);
    else if (comp === 'blocklist') {
      const ids = [...body.toString().matchAll(/<(?:Latest|Uncommitted)>([^<]+)</g)].map(([, id]) => id);
      const blocks = ids.map((id) => this.#blocks.get(`${pathname} ${id}`) ?? Buffer.alloc(0));
      this.#blobs.set(pathname, Buffer.concat(blocks));
    } else this.#blobs.set(pathname, body);
  }
}

/** In the shape of the runner's: three parts, of which the middle one says what caches it may use. */
const TOKEN = ['{"alg":"none"}', '{"ac":"[{\\"Scope\\":\\"refs/heads/main\\",\\"Permission\\":3}]"}', 'signature']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

function rangeOf(headers: IncomingMessage['headers']): string {
  return String(headers['x-ms-range'] ?? headers.range ?? '');
}
