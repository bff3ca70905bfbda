import type { Message } from '../../battery/battery.js';
import type { Spread } from './parallelism.js';

/** Why a model's process could not do what it was asked; the gate turns the code into an error that names the setting. */
export class LlamaFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
  ) {
    super(message);
    this.name = 'LlamaFailure';
  }
}

/** What the gate and the process of one embedded model say to each other over Node's IPC. Data only, so that both ends stay small. */

/** Which file is loaded, and for what. */
export interface LoadSpec {
  readonly purpose: 'chat' | 'embed';
  readonly modelPath: string;
  readonly lora: { readonly path: string; readonly scale: number } | null;
  /** The folder whose `node_modules` holds node-llama-cpp; null where Node finds it by itself. */
  readonly packageFolder: string | null;
  readonly spread: Spread;
}

/** How one answer is drawn. `topK` 0, `topP` 1 and `minP` 0 switch these filters off. */
export interface DrawSpec {
  /** At least 0; 0 draws the likeliest token each time. */
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  /** Tokens, at least 1. */
  readonly maxTokens: number;
  /** Integer in [0, 2^31). */
  readonly seed: number;
}

/** `engine` is the id of the request that loaded it. */
export interface AnswerOrder {
  readonly type: 'answer';
  readonly id: number;
  readonly engine: number;
  readonly messages: readonly Message[];
  readonly draw: DrawSpec;
}

export type LlamaRequest =
  | { readonly type: 'load'; readonly id: number; readonly spec: LoadSpec }
  | AnswerOrder
  | {
      readonly type: 'embed';
      readonly id: number;
      readonly engine: number;
      readonly text: string;
      readonly maxTokens: number;
    }
  | { readonly type: 'unload'; readonly id: number; readonly engine: number }
  | { readonly type: 'cancel'; readonly id: number };

/**
 * Why a request failed: the package or its native part is not installed, the model or its adapter
 * can't be loaded, it is no chat model, the conversation does not fit, the memory does not suffice, the caller gave up, or
 * something else.
 */
export const FAILURES = [
  'no-package',
  'no-binary',
  'bad-model',
  'bad-adapter',
  'no-template',
  'too-long',
  'no-memory',
  'cancelled',
  'failed',
] as const;
export type FailureCode = (typeof FAILURES)[number];

export interface LoadedReply {
  readonly type: 'loaded';
  readonly id: number;
  /** What llama.cpp computes on: a machine may have a GPU that it can't use. */
  readonly device: Device;
  /** How many answers the model draws at a time. */
  readonly answersAtOnce: number;
}

export const DEVICES = ['cpu', 'cuda', 'vulkan', 'metal'] as const;
export type Device = (typeof DEVICES)[number];

export interface UnloadedReply {
  readonly type: 'unloaded';
  readonly id: number;
}

export interface AnsweredReply {
  readonly type: 'answered';
  readonly id: number;
  readonly text: string;
  /** Stopped by `maxTokens` instead of by the model. */
  readonly truncated: boolean;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface EmbeddedReply {
  readonly type: 'embedded';
  readonly id: number;
  readonly vector: readonly number[];
  readonly promptTokens: number;
}

export interface FailedReply {
  readonly type: 'failed';
  readonly id: number;
  readonly code: FailureCode;
  readonly message: string;
}

export type LlamaReply = LoadedReply | UnloadedReply | AnsweredReply | EmbeddedReply | FailedReply;

/** The reply that a message from the process is, or null for anything else. */
export function readReply(message: unknown): LlamaReply | null {
  if (!isRecord(message) || typeof message.id !== 'number') return null;
  return wellFormed(message) ? (message as unknown as LlamaReply) : null;
}

/** The request that a message from the gate is, or null: the gate is the only sender, so its shape is checked by its type alone. */
export function readRequest(message: unknown): LlamaRequest | null {
  if (!isRecord(message) || typeof message.id !== 'number') return null;
  return ['load', 'answer', 'embed', 'unload', 'cancel'].includes(String(message.type))
    ? (message as unknown as LlamaRequest)
    : null;
}

function wellFormed(reply: Record<string, unknown>): boolean {
  switch (reply.type) {
    case 'loaded':
      return DEVICES.some((device) => device === reply.device) && Number.isInteger(reply.answersAtOnce);
    case 'unloaded':
      return true;
    case 'answered':
      return (
        typeof reply.text === 'string' &&
        typeof reply.truncated === 'boolean' &&
        typeof reply.promptTokens === 'number' &&
        typeof reply.completionTokens === 'number'
      );
    case 'embedded':
      return (
        Array.isArray(reply.vector) &&
        reply.vector.length > 0 &&
        reply.vector.every(Number.isFinite) &&
        typeof reply.promptTokens === 'number'
      );
    case 'failed':
      return typeof reply.message === 'string' && FAILURES.some((code) => code === reply.code);
    default:
      return false;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
