import type { ModelSettings } from '../../config/settings.js';
import { ConfigError } from '../../core/errors.js';
import type { AnswerOutcome, AnswerRequest, Arm, Missing, Model, ModelIdentity, ServedWire } from '../model.js';
import type { ModelPorts } from '../request-budget.js';
import { withSystem } from '../system-prompt.js';
import { ChatClient, type ChatLimits } from './chat-client.js';
import type { Completion } from './completion.js';
import type { ChatRequest } from './dialect.js';
import { endpointOf } from './endpoint.js';
import type { Adapter, ListedModel } from './model-list.js';
import { ThinkingReader } from './reasoning-tags.js';
import { WhoAnswered } from './responders.js';
import { effectiveSampling, refusedSettings, samplingFields, unlisted } from './sampling-fields.js';

/** The least that some servers take. */
const PREFLIGHT_TOKENS = 16;
/** Enough to tell two models apart. */
const GREEDY_TOKENS = 48;
/** Enough for a dozen random words. */
const DRAWN_TOKENS = 64;

/** A model behind an OpenAI-compatible server. */
class ServedModel implements Model {
  private who = new WhoAnswered();
  private listed: ListedModel | null = null;
  private adapters: readonly Adapter[] = [];
  private readonly thinking = new ThinkingReader();
  private thinks = false;
  /** A few tokens leave it no room for an answer. */
  private needsRoom = false;

  constructor(
    private readonly chat: ChatClient,
    private readonly arm: Arm,
    private readonly baseUrl: string,
    private readonly settings: ModelSettings,
  ) {}

  get identity(): ModelIdentity {
    const { reference, digest, sampling } = this.settings;
    return {
      reference,
      served: this.who.served,
      digest,
      sampling: effectiveSampling(sampling, this.chat.spoken.now, this.chat.adaptersInUse),
      recorded: false,
      fingerprint: this.who.fingerprint,
      provider: this.who.provider,
      root: this.listed?.root ?? null,
      parent: this.listed?.parent ?? null,
    };
  }

  get notes(): readonly string[] {
    const { reference, sampling } = this.settings;
    const retires = this.listed?.shutdownDate;
    return [
      ...refusedSettings(this.arm, this.chat.spoken.refused),
      ...(this.unlisted ? [this.unlisted] : []),
      ...this.who.notes(this.arm),
      ...(this.chat.slowness ? [`${this.arm}: ${this.chat.slowness}`] : []),
      ...(retires ? [`${this.arm}: the server retires "${reference}" on ${retires} (shutdown_date).`] : []),
      ...(this.thinks && !sampling.reasoning?.tokens
        ? [
            `${this.arm}: "${reference}" thinks before it answers, within max-tokens. Give models.${this.arm}.reasoning-tokens, so that thinking takes nothing from the answer.`,
          ]
        : []),
    ];
  }

  /** A real, short question: key, model, URL and dialect are settled before the first block. */
  async preflight(signal?: AbortSignal): Promise<void> {
    // While a server loads, another model may answer in this one's place.
    this.who = new WhoAnswered();
    const hello = await this.sayHello(signal);
    this.who.note(hello);
    if (hello.kind === 'completion') this.thinking.read(hello.text, hello.truncated);
    const listed = await this.chat.pages.listing(signal);
    this.listed = listed;
    const { extraBody } = this.settings.sampling;
    if (isLlamaCpp(listed) && !Object.hasOwn(extraBody, 'lora')) this.adapters = await this.chat.pages.adapters(signal);
    else if (Array.isArray(extraBody.lora)) this.chat.useAdapters(extraBody.lora as readonly Adapter[]);
  }

  get unlisted(): string | null {
    return unlisted(this.arm, this.settings.reference, this.chat.pages.listedInstead);
  }

  get wire(): ServedWire {
    const { chat, baseUrl, adapters } = this;
    return {
      baseUrl,
      refused: chat.spoken.now,
      leaveOut: (refused) => chat.spoken.adopt(refused),
      follow: (listener) => chat.spoken.follow(listener),
      refusedLate: chat.spoken.late,
      openAdapters: adapters,
      useAdapters: (chosen) => chat.useAdapters(chosen),
      greedy: (question, signal) => this.greedy(question, signal),
      draw: (question, signal) => this.draw(question, signal),
    };
  }

  async answer({ item, priority, signal }: AnswerRequest): Promise<AnswerOutcome> {
    const messages = withSystem(this.settings.sampling.system, item.messages);
    const reply = await this.chat.complete(this.requestOf(messages), { priority, signal });
    this.who.note(reply);
    if (reply.kind === 'missing') return reply;
    const { truncated, responseId, servedModel, usage, refused } = reply;
    const { text, reasoning } = this.thinking.read(reply.text, truncated);
    const thought = [reply.reasoning, reasoning].filter((part) => part !== null && part !== '').join('\n\n');
    this.thinks ||= thought !== '';
    return {
      ...{ kind: 'answer', text, truncated, responseId, servedModel, usage },
      ...(thought === '' ? {} : { reasoning: thought }),
      ...(refused ? { refused } : {}),
    };
  }

  async close(): Promise<void> {}

  /** Briefly; where that leaves a model no room to think, and its server makes an error of it, with as much as any answer has. */
  private async sayHello(signal?: AbortSignal): Promise<Completion | Missing> {
    const { system, reasoning } = this.settings.sampling;
    const request = this.requestOf(withSystem(system, [{ role: 'user', content: 'Say hello.' }]));
    const brief = Math.min(request.maxTokens, PREFLIGHT_TOKENS + (reasoning?.tokens ?? 0));
    const reply = await this.chat.firstReply({ ...request, maxTokens: brief }, { signal, brief: true });
    this.needsRoom = reply.kind === 'missing' && reply.reason === 'no-answer' && brief < request.maxTokens;
    return this.needsRoom ? this.chat.firstReply(request, { signal, brief: true }) : reply;
  }

  private async greedy(question: string, signal?: AbortSignal): Promise<string | null> {
    if (this.chat.spoken.now.leftOut.includes('temperature')) return null;
    const messages = withSystem(this.settings.sampling.system, [{ role: 'user' as const, content: question }]);
    const request = this.requestOf(messages);
    const fields = { ...request.fields, temperature: 0 };
    try {
      const options = { signal, asIs: true, brief: true };
      const reply = await this.chat.complete({ messages, fields, maxTokens: GREEDY_TOKENS }, options);
      return reply.kind === 'missing' ? null : said(reply);
    } catch (error) {
      // Some servers take no temperature but their own.
      if (error instanceof ConfigError) return null;
      throw error;
    }
  }

  private async draw(question: string, signal?: AbortSignal): Promise<string | null> {
    const request = this.requestOf([{ role: 'user', content: question }]);
    const options = { signal, asIs: true, brief: true };
    const most = this.needsRoom ? request : { ...request, maxTokens: Math.min(request.maxTokens, DRAWN_TOKENS) };
    const reply = await this.chat.complete(most, options);
    const isCutShort = reply.kind === 'missing' ? reply.reason === 'no-answer' : said(reply).trim() === '';
    // Thinking that the server keeps to itself may take more.
    const whole = isCutShort && most.maxTokens < request.maxTokens ? await this.chat.complete(request, options) : reply;
    return whole.kind === 'missing' ? null : said(whole);
  }

  private requestOf(messages: ChatRequest['messages']): ChatRequest {
    const { sampling } = this.settings;
    const { maxTokens, reasoning } = sampling;
    return { messages, maxTokens: maxTokens + (reasoning?.tokens ?? 0), fields: samplingFields(sampling) };
  }
}

function said({ reasoning, text }: Completion): string {
  return `${reasoning ?? ''}${text}`;
}

function isLlamaCpp(listed: ListedModel | null): boolean {
  return listed?.ownedBy === 'llamacpp';
}

/** @throws ConfigError when URL or key can't be sent */
export function openServed(
  name: string,
  settings: ModelSettings,
  arm: Arm,
  ports: ModelPorts,
  limits?: ChatLimits,
): Model {
  const endpoint = endpointOf(arm, name, settings);
  return new ServedModel(new ChatClient(endpoint, ports, limits), arm, endpoint.baseUrl, settings);
}
