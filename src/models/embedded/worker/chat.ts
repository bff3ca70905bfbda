import type {
  ChatHistoryItem,
  JinjaTemplateChatWrapper,
  LlamaContext,
  LlamaContextSequence,
  LlamaModel,
  Token,
} from 'node-llama-cpp';
import type { Message } from '../../../battery/battery.js';
import type { Spread } from '../parallelism.js';
import { type AnsweredReply, type DrawSpec, LlamaFailure, type LoadSpec } from '../protocol.js';
import { Sequences } from './sequence-pool.js';

type Llama = typeof import('node-llama-cpp');
type ChatSpec = Pick<LoadSpec, 'lora'> & { readonly spread: Spread };

/** Draws answers from one model, as many at a time as there are sequences. Lives in the model's process. */
export class ChatEngine {
  readonly #llama: Llama;
  readonly #model: LlamaModel;
  readonly #wrapper: JinjaTemplateChatWrapper;
  readonly #spec: ChatSpec;
  readonly #sequences: Sequences;
  /** Tokens of conversations that share everything before the question, by their system prompts. */
  readonly #openings = new Map<string, readonly Token[]>();

  /** @throws LlamaFailure `no-template` when the file says nothing about how its conversations are written. */
  constructor(llama: Llama, model: LlamaModel, spec: ChatSpec) {
    const template: unknown = model.fileInfo.metadata.tokenizer?.chat_template;
    if (typeof template !== 'string') {
      throw new LlamaFailure('no-template', 'the file has no chat template (tokenizer.chat_template)');
    }
    this.#llama = llama;
    this.#model = model;
    this.#spec = spec;
    this.#sequences = new Sequences(spec.spread.contexts, (size) => this.#createContext(size));
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
    const needed = prompt.length + draw.maxTokens;
    const limit = this.#model.trainContextSize;
    if (needed >= limit) {
      throw new LlamaFailure(
        'too-long',
        `prompt and answer may take ${needed} tokens, the model's context holds ${limit}`,
      );
    }
    const opening = this.#opening(messages, prompt);
    const generated = await this.#sequences.use(needed, limit, async (sequence) => {
      if (isCancelled()) throw cancellation();
      await holdOpening(sequence, opening);
      return generate(sequence, prompt.slice(opening.length), draw, isCancelled);
    });
    return {
      text: this.#model.detokenize(generated),
      truncated: generated.length >= draw.maxTokens,
      promptTokens: prompt.length,
      completionTokens: generated.length,
    };
  }

  dispose(): Promise<void> {
    return this.#sequences.dispose();
  }

  /** What the prompt shares with any other under the same system prompt. Depends on nothing that was asked before. */
  #opening(messages: readonly Message[], prompt: readonly Token[]): Token[] {
    const system = messages.filter(({ role }) => role === 'system');
    const key = JSON.stringify(system);
    const other = this.#openings.get(key) ?? this.#prompt([...system, { role: 'user', content: '?' }]);
    this.#openings.set(key, other);
    const end = prompt.findIndex((token, index) => token !== other[index]);
    // At least one token is left to draw from.
    return prompt.slice(0, end === -1 ? prompt.length - 1 : end);
  }

  #prompt(messages: readonly Message[]): Token[] {
    const chatHistory: ChatHistoryItem[] = [...messages.map(toHistory), { type: 'model', response: [] }];
    const { contextText } = this.#wrapper.generateContextState({ chatHistory });
    const tokens = contextText.tokenize(this.#model.tokenizer);
    const { bos, shouldPrependBosToken } = this.#model.tokens;
    return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
  }

  async #createContext(contextSize: number): Promise<LlamaContext> {
    const { lora, spread } = this.#spec;
    const options = { contextSize, sequences: spread.sequences, threads: spread.threads };
    if (lora === null) return this.#model.createContext(options);
    const adapters = [{ filePath: lora.path, scale: lora.scale }];
    try {
      return await this.#model.createContext({ ...options, lora: { adapters } });
    } catch (error) {
      if (error instanceof this.#llama.InsufficientMemoryError) throw error;
      throw new LlamaFailure('bad-adapter', error instanceof Error ? error.message : String(error));
    }
  }
}

/**
 * Leaves exactly the opening in the sequence's cache, computed by itself: what llama.cpp computes for a token depends a little
 * on how many others are computed along with it, and an opening left over from a longer prompt gives other answers. No shifting
 * either: moved tokens are not what they would be if computed in their new places.
 */
async function holdOpening(sequence: LlamaContextSequence, opening: Token[]): Promise<void> {
  await sequence.adaptStateToTokens(opening, false);
  if (sequence.nextTokenIndex === opening.length) return;
  await sequence.clearHistory();
  await sequence.evaluateWithoutGeneratingNewTokens(opening);
}

async function generate(
  sequence: LlamaContextSequence,
  rest: Token[],
  { maxTokens, ...sampling }: DrawSpec,
  isCancelled: () => boolean,
): Promise<Token[]> {
  const generated: Token[] = [];
  for await (const token of sequence.evaluate(rest, sampling)) {
    if (isCancelled()) throw cancellation();
    generated.push(token);
    if (generated.length >= maxTokens) break;
  }
  return generated;
}

function cancellation(): LlamaFailure {
  return new LlamaFailure('cancelled', 'cancelled');
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
