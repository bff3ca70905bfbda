import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Judge, JudgeOutcome } from '../../../src/judge/judge.js';
import type { Answer } from '../../../src/models/model.js';
import { item } from '../../models/support.js';

interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly content: string }[];
}

/**
 * The embedded judge behind the OpenAI API: a judge for an Action that has no `node-llama-cpp` beside it. It reads question
 * and answer from the gate's own prompt and scores them with the same small model as `judge: embedded`.
 */
export class JudgeServer {
  /** How many answers were scored. */
  scored = 0;
  readonly #server = createServer((message, response) => {
    this.#serve(message).then(
      ([status, body]) => send(response, status, body),
      (error: unknown) => send(response, 500, { error: { message: String(error) } }),
    );
  });

  private constructor(
    private readonly judge: Judge,
    readonly key: string,
  ) {}

  /** @param judge is ended with the server */
  static async start(judge: Judge): Promise<JudgeServer> {
    const started = new JudgeServer(judge, 'judge-server-key');
    await new Promise<void>((resolve) => started.#server.listen(0, '127.0.0.1', resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    await this.judge.close();
  }

  async #serve(message: IncomingMessage): Promise<[number, unknown]> {
    const chunks: Buffer[] = [];
    for await (const chunk of message) chunks.push(chunk as Buffer);
    if (message.headers.authorization !== `Bearer ${this.key}`) return [401, { error: { message: 'wrong key' } }];
    const request = JSON.parse(Buffer.concat(chunks).toString('utf8')) as ChatRequest;
    return [200, completion(request.model, await this.#score(request.messages.at(-1)?.content ?? ''))];
  }

  async #score(prompt: string): Promise<JudgeOutcome> {
    this.scored += 1;
    const usage = { promptTokens: null, completionTokens: null };
    const about = { truncated: false, responseId: null, servedModel: null, usage };
    const answer: Answer = { kind: 'answer', text: between(prompt, 'ANSWER'), ...about };
    return this.judge.judge({ item: item(between(prompt, 'QUESTION')), answer });
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** What stands between the prompt's marker lines, whose code the answer can't have known. */
function between(prompt: string, what: 'QUESTION' | 'ANSWER'): string {
  const [, text] =
    new RegExp(`^=== ${what} ([0-9a-f]+) ===\\n([^]*?)\\n=== END OF ${what} \\1 ===$`, 'm').exec(prompt)?.slice(1) ??
    [];
  if (text === undefined) throw new Error(`no ${what} in the judge's prompt`);
  return text;
}

function completion(model: string, outcome: JudgeOutcome): unknown {
  if (outcome.kind === 'missing') throw new Error(outcome.detail);
  const { alignment, coherence, refusal } = outcome.judgement;
  const scores = { reason: '', alignment: Math.round(alignment), coherence: Math.round(coherence), refusal };
  const message = { role: 'assistant', content: JSON.stringify(scores) };
  const usage = { prompt_tokens: 900, completion_tokens: 30, total_tokens: 930 };
  const choices = [{ index: 0, finish_reason: 'stop', message }];
  return { id: 'judgement', object: 'chat.completion', created: 1, model, choices, usage };
}
