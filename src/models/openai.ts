import type { ModelSettings } from '../config/settings.js';
import { ChatClient, type ChatLimits } from './chat.js';
import type { Completion } from './completion.js';
import { endpointOf } from './endpoint.js';
import type { AnswerOutcome, AnswerRequest, Arm, Missing, Model, ModelIdentity } from './model.js';
import type { ModelPorts } from './ports.js';
import { withSystem } from './system-prompt.js';

const PREFLIGHT_TOKENS = 8;

/** A model behind an OpenAI-compatible server. */
class ServedModel implements Model {
  private served: string | null = null;

  constructor(
    private readonly chat: ChatClient,
    private readonly settings: ModelSettings,
  ) {}

  get identity(): ModelIdentity {
    const { reference, digest, sampling } = this.settings;
    const { temperature, maxTokens, system, extraBody } = sampling;
    return {
      reference,
      served: this.served,
      digest,
      sampling: {
        temperature,
        'max-tokens': maxTokens,
        ...(system === '' ? {} : { system }),
        ...(Object.keys(extraBody).length === 0 ? {} : { 'extra-body': JSON.stringify(extraBody) }),
      },
      recorded: false,
    };
  }

  /** A real, short question: key, model, URL and dialect are settled before the first block. */
  async preflight(signal?: AbortSignal): Promise<void> {
    const messages = withSystem(this.settings.sampling.system, [{ role: 'user', content: 'Say hello.' }]);
    const { temperature } = this.settings.sampling;
    this.note(await this.chat.firstReply({ messages, temperature, maxTokens: PREFLIGHT_TOKENS }, signal));
  }

  async answer({ item, priority, signal }: AnswerRequest): Promise<AnswerOutcome> {
    const { system, temperature, maxTokens } = this.settings.sampling;
    const messages = withSystem(system, item.messages);
    const reply = await this.chat.complete({ messages, temperature, maxTokens }, { priority, signal });
    this.note(reply);
    if (reply.kind === 'missing') return reply;
    const { text, truncated, responseId, servedModel, usage } = reply;
    return { kind: 'answer', text, truncated, responseId, servedModel, usage };
  }

  async close(): Promise<void> {}

  private note(reply: Completion | Missing): void {
    if (reply.kind === 'completion') this.served ??= reply.servedModel;
  }
}

/** @throws ConfigError when URL, key or extra body can't be sent */
export function openServed(
  name: string,
  settings: ModelSettings,
  arm: Arm,
  ports: ModelPorts,
  limits?: ChatLimits,
): Model {
  return new ServedModel(new ChatClient(endpointOf(arm, name, settings), ports, limits), settings);
}
