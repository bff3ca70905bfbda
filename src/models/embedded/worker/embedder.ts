import type { LlamaEmbeddingContext, LlamaModel } from 'node-llama-cpp';
import type { EmbeddedReply } from '../protocol.js';

type Embedded = Pick<EmbeddedReply, 'vector' | 'promptTokens'>;

/** Embeds texts with one model, one after the other. Lives in the model's process. */
export class Embedder {
  #context: LlamaEmbeddingContext | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly model: LlamaModel,
    private readonly threads: number,
  ) {}

  /** @param maxTokens the text is cut there */
  embed(text: string, maxTokens: number): Promise<Embedded> {
    const done = this.#turn.then(() => this.#embed(text, maxTokens));
    this.#turn = done.catch(() => {});
    return done;
  }

  async dispose(): Promise<void> {
    await this.#context?.dispose();
  }

  async #embed(text: string, maxTokens: number): Promise<Embedded> {
    const { threads } = this;
    this.#context ??= await this.model.createEmbeddingContext({ threads, contextSize: 512, batchSize: 512 });
    const tokens = this.model.tokenize(text, false).slice(0, maxTokens);
    const { vector } = await this.#context.getEmbeddingFor(tokens);
    return { vector, promptTokens: tokens.length };
  }
}
