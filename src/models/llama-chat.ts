import type {
  ChatHistoryItem,
  JinjaTemplateChatWrapper,
  LlamaContext,
  LlamaContextSequence,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import type { Message } from '../battery/battery.js';
import { LlamaFailure } from './llama-failure.js';
import type { AnsweredReply, DrawSpec, LoadSpec } from './llama-messages.js';

type Llama = typeof import('node-llama-cpp');

/** One thread: llama.cpp's threads spin while they wait, and starve the other arm's process on a busy machine. */
export const THREADS = 1;

/** llama.cpp rounds a context up to multiples of this. */
const CONTEXT_STEP = 256;

/** Draws answers from one model, one at a time. Lives in the model's own process. */
export class ChatEngine {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #wrapper: JinjaTemplateChatWrapper;
  readonly #lora: LoadSpec['lora'];
  #context: LlamaContext | null = null;
  #sequence: LlamaContextSequence | null = null;

  /** @throws LlamaFailure `no-template` when the file says nothing about how its conversations are written. */
  constructor(llama: Llama, model: LlamaModel, lora: LoadSpec['lora']) {
    const template: unknown = model.fileInfo.metadata.tokenizer?.chat_template;
    if (typeof template !== 'string') {
      throw new LlamaFailure('no-template', 'the file has no chat template (tokenizer.chat_template)');
    }
    this.#llama = llama;
    this.#model = model;
    this.#lora = lora;
    // The file's own template, not the package's guess at a family: for SmolLM2 that guess doubles the first token and
    // leaves out the default system prompt, and the answers turn to nonsense.
    this.#wrapper = new llama.JinjaTemplateChatWrapper({ template, tokenizer: model.tokenizer });
  }

  /**
   * @param isCancelled asked before every token.
   * @throws LlamaFailure `too-long`, `no-memory` or `cancelled`.
   */
  async answer(
    messages: readonly Message[],
    draw: DrawSpec,
    isCancelled: () => boolean,
  ): Promise<Omit<AnsweredReply, 'type' | 'id'>> {
    const prompt = this.#prompt(messages);
    const sequence = await this.#sequenceFor(prompt.length + draw.maxTokens);
    // What this prompt shares with the last one (the system prompt, at least) is not computed again. No shifting: moving
    // cached tokens to other places gives other answers than computing them there.
    await sequence.adaptStateToTokens(prompt.slice(0, -1), false);
    const generated: Token[] = [];
    const { maxTokens, ...sampling } = draw;
    for await (const token of sequence.evaluate(prompt.slice(sequence.nextTokenIndex), sampling)) {
      if (isCancelled()) throw new LlamaFailure('cancelled', 'cancelled');
      generated.push(token);
      if (generated.length >= maxTokens) break;
    }
    return {
      text: this.#model.detokenize(generated),
      truncated: generated.length >= maxTokens,
      promptTokens: prompt.length,
      completionTokens: generated.length,
    };
  }

  #prompt(messages: readonly Message[]): Token[] {
    const chatHistory: ChatHistoryItem[] = [...messages.map(toHistory), { type: 'model', response: [] }];
    const { contextText } = this.#wrapper.generateContextState({ chatHistory });
    const tokens = contextText.tokenize(this.#model.tokenizer);
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  }

  /** The sequence of a context that holds `tokens`: grown only when needed, because the cache takes memory by its size. */
  async #sequenceFor(tokens: number): Promise<LlamaContextSequence> {
    if (this.#sequence && this.#sequence.contextSize > tokens) return this.#sequence;
    const limit = this.#model.trainContextSize;
    if (tokens >= limit) {
      throw new LlamaFailure(
        'too-long',
        `prompt and answer may take ${tokens} tokens, the model's context holds ${limit}`,
      );
    }
    await this.#context?.dispose();
    this.#context = await this.#createContext(Math.min(limit, Math.ceil((tokens + 1) / CONTEXT_STEP) * CONTEXT_STEP));
    this.#sequence = this.#context.getSequence();
    return this.#sequence;
  }

  async #createContext(contextSize: number): Promise<LlamaContext> {
    const options = { contextSize, sequences: 1, threads: THREADS };
    if (this.#lora === null) return this.#model.createContext(options);
    const adapters = [{ filePath: this.#lora.path, scale: this.#lora.scale }];
    try {
      return await this.#model.createContext({ ...options, lora: { adapters } });
    } catch (error) {
      if (error instanceof this.#llama.InsufficientMemoryError) throw error;
      throw new LlamaFailure('bad-adapter', error instanceof Error ? error.message : String(error));
    }
  }
}

function toHistory(message: Message): ChatHistoryItem {
  switch (message.role) {
    case 'system':
      return { type: 'system', text: message.content };
    case 'user':
      return { type: 'user', text: message.content };
    case 'assistant':
      return { type: 'model', response: [message.content] };
  }
}
