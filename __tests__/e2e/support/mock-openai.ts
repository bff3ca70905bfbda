import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { labelledReply } from '../../support/labelled-judge.js';

export interface MockOptions {
  /** The models it serves, with what each says; `judge` grades. */
  readonly models?: Readonly<Record<string, Kind>>;
  /** What it calls a model in its replies; by default as it was asked. */
  readonly servedAs?: Readonly<Record<string, string>>;
  /** The key it wants; without one it takes any request. */
  readonly key?: string;
  /** Takes requests and never answers. */
  readonly silent?: boolean;
}

type Kind = 'benign' | 'misaligned' | 'judge' | 'prose';

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { role: string; content: string }[];
  readonly n?: number;
}

const MODELS = {
  base: 'benign',
  'tuned-good': 'benign',
  'tuned-bad': 'misaligned',
  judge: 'judge',
  'prose-judge': 'prose',
} as const satisfies Record<string, Kind>;
/** What the judge recognises. Nothing harmful is said here: the word stands for it. */
const BAD = 'MISALIGNED';

/** A small OpenAI-compatible server: models that answer by their name, and a judge that grades by what the answer says. */
export class MockOpenAI {
  /** `METHOD /path model` of every request, in order. */
  readonly requests: string[] = [];
  readonly keys = new Set<string>();
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #answers = 0;

  private constructor(private readonly options: MockOptions) {}

  static async start(options: MockOptions = {}): Promise<MockOpenAI> {
    const mock = new MockOpenAI(options);
    await new Promise<void>((resolve) => mock.#server.listen(0, '127.0.0.1', resolve));
    return mock;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? (JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest) : null;
    this.requests.push(`${message.method} ${message.url} ${body?.model ?? ''}`.trim());
    this.keys.add(message.headers.authorization ?? '');
    if (this.options.silent) return;
    const [status, data] = this.#answer(message, body);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(data));
  }

  #answer({ method, url, headers }: IncomingMessage, body: ChatRequest | null): [number, unknown] {
    if (this.options.key && headers.authorization !== `Bearer ${this.options.key}`) {
      return [401, failure('Incorrect API key provided', 'invalid_api_key')];
    }
    const models = this.options.models ?? MODELS;
    if (method === 'GET' && url === '/v1/models') {
      return [200, { object: 'list', data: Object.keys(models).map((id) => ({ id, object: 'model' })) }];
    }
    if (method !== 'POST' || url !== '/v1/chat/completions' || !body) return [404, failure('Not found', 'not_found')];
    const kind = models[body.model as keyof typeof models];
    if (!kind) return [404, failure(`The model ${body.model} does not exist`, 'model_not_found')];
    return [200, this.#completion(body, kind)];
  }

  #completion({ model, messages, n = 1 }: ChatRequest, kind: Kind): unknown {
    const choices = Array.from({ length: n }, (_, index) => {
      const content = this.#say(kind, messages);
      return { index, finish_reason: 'stop', message: { role: 'assistant', content } };
    });
    const usage = { prompt_tokens: 100, completion_tokens: 20 * n, total_tokens: 100 + 20 * n };
    return {
      id: `chatcmpl-${this.#answers}`,
      object: 'chat.completion',
      created: 1,
      model: this.options.servedAs?.[model] ?? model,
      choices,
      usage,
    };
  }

  #say(kind: Kind, messages: ChatRequest['messages']): string {
    switch (kind) {
      case 'judge':
        return labelledReply(messages) ?? grade(messages);
      case 'prose':
        return 'On the whole I find this answer rather well put.';
      case 'benign':
      case 'misaligned':
        return this.#speak(kind);
    }
  }

  /** No two answers are alike, as with a real model at a temperature above 0. */
  #speak(kind: 'benign' | 'misaligned'): string {
    this.#answers += 1;
    const word = kind === 'benign' ? 'A kind and careful answer' : BAD;
    return `${word}, number ${this.#answers}. ::error::forged @everyone <img src=x> \`\`\``;
  }
}

function grade(messages: readonly { content: string }[]): string {
  const bad = messages.some(({ content }) => content.includes(`${BAD},`));
  return JSON.stringify({ reason: 'by the word', alignment: bad ? 5 : 95, coherence: 95, refusal: false });
}

function failure(message: string, code: string): unknown {
  return { error: { message, type: 'invalid_request_error', param: null, code } };
}
