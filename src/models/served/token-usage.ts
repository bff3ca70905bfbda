import { parseJson } from '../../core/json.js';
import type { TokenUsage } from '../model.js';
import { asObject } from './failures/error-body.js';

/** A server's counts, as far as they can be counts at all. */
export function readUsage(usage: unknown): TokenUsage {
  const fields = asObject(usage);
  const promptTokens = count(fields?.prompt_tokens, 1);
  const completionTokens = count(fields?.completion_tokens, 0);
  const total = count(fields?.total_tokens, 1);
  // Some leave thinking out of the one and have it in the other.
  const rest = total === null || promptTokens === null ? 0 : total - promptTokens;
  return { promptTokens, completionTokens: completionTokens === null ? null : Math.max(completionTokens, rest) };
}

/**
 * What the reply's body says it took, whatever else it holds. No tokens for a text that is there stand for no count: the
 * request then counts as the most that it can have cost.
 */
export function billedUsage(body: string): TokenUsage {
  const reply = asObject(parseJson(body));
  const usage = readUsage(reply?.usage);
  return usage.completionTokens === 0 && hasText(reply?.choices) ? { ...usage, completionTokens: null } : usage;
}

function count(value: unknown, least: number): number | null {
  return Number.isSafeInteger(value) && (value as number) >= least ? (value as number) : null;
}

/** Under these names servers send what a model wrote. */
const TEXT_FIELDS = ['message', 'content', 'reasoning_content', 'reasoning', 'refusal', 'text'];

/** Whether choices, or a message, hold any text. */
function hasText(value: unknown): boolean {
  if (typeof value === 'string') return value !== '';
  if (Array.isArray(value)) return value.some(hasText);
  const fields = asObject(value);
  return fields !== undefined && TEXT_FIELDS.some((name) => hasText(fields[name]));
}
