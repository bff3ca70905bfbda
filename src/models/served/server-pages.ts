import type { Endpoint } from './endpoint.js';
import type { HttpClient } from './http/http-client.js';
import { type Adapter, type ListedModel, listedAs, nearestFirst, readAdapters, readListing } from './model-list.js';

const LIST_TIMEOUT_SECONDS = 10;

/** What a server tells beside its answers: the models it has, and llama.cpp's adapters. */
export class ServerPages {
  private others: readonly string[] = [];

  constructor(
    private readonly endpoint: Endpoint,
    private readonly http: HttpClient,
  ) {}

  /** What `GET /models` says of this model; null where there is no such list, or it is not on it. */
  async listing(signal?: AbortSignal): Promise<ListedModel | null> {
    const body = await this.fetched(`${this.endpoint.baseUrl}/models`, signal);
    const list = (body === null ? null : readListing(body)) ?? [];
    const found = listedAs(this.endpoint.model, list);
    this.others = found === null && !listsNoDeployments(this.endpoint) ? list.map(({ id }) => id) : [];
    return found;
  }

  /** What the server's list has instead of this model, by the last look at it; null where it has it, or there is no list. */
  get listedInstead(): string | null {
    return this.others.length === 0 ? null : nearestFirst(this.endpoint.model, this.others);
  }

  /** The adapters that a llama.cpp server has loaded; it lists them beside its API. */
  async adapters(signal?: AbortSignal): Promise<readonly Adapter[]> {
    const body = await this.fetched(`${this.endpoint.baseUrl.replace(/\/v1$/, '')}/lora-adapters`, signal);
    return body === null ? [] : readAdapters(body);
  }

  /** The names at a path such as `/models`; null where there is no such list. */
  async names(path: string): Promise<readonly string[] | null> {
    const body = await this.fetched(`${this.endpoint.baseUrl}${path}`);
    return (body === null ? null : readListing(body))?.map(({ id }) => id) ?? null;
  }

  /** A page that some servers have; null where it can't be had, for whatever reason. */
  private async fetched(address: string, signal?: AbortSignal): Promise<string | null> {
    try {
      const { status, body } = await this.http.get(`${address}${this.endpoint.query}`, LIST_TIMEOUT_SECONDS, signal);
      return status === 200 ? body : null;
    } catch {
      return null;
    }
  }
}

/** Azure goes by the names of deployments, and lists what could be deployed. */
function listsNoDeployments({ baseUrl, query }: Endpoint): boolean {
  return query !== '' || new URL(baseUrl).hostname.endsWith('.azure.com');
}
