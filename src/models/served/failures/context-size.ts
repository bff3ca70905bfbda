import type { Endpoint } from '../endpoint.js';
import type { ServerWords } from './error-body.js';

/**
 * llama.cpp ("exceed_context_size_error", "available context size"), vLLM and OpenAI ("maximum context length"), TGI ("`inputs`
 * tokens + `max_new_tokens`"), SGLang ("Requested token count exceeds"), Google ("maxOutputTokens", "The input token count"),
 * Mistral ("too large for model"), and what all of them call the limit on an answer.
 */
const CONTEXT_WORDS = [
  /\bcontext[ _-]?(length|size|window|limit|overflow)|exceed_context|\bn_ctx\b|sequence length|max_(model|seq)_len/i,
  /\bmax_?(new_|completion_|output_|input_|total_)?tokens\b|max(Output|Input|New)Tokens/i,
  /\btokens?\b.{0,80}\b(exceeds?|exceeded|maximum|at most|too (long|large|many))\b/i,
  /\b(exceeds?|exceeded|maximum|too many|too (long|large))\b.{0,60}\btokens?\b/i,
  /\b(prompt|input|request)\b.{0,20}\btoo (long|large)\b/i,
] as const;

/** Whether a refusal is about the room that question and answer need. */
export function isAboutContext({ code, message }: ServerWords): boolean {
  return CONTEXT_WORDS.some((words) => words.test(message) || (code !== null && words.test(code)));
}

/** What to do about it, naming the setting. */
export function contextAdvice(endpoint: Pick<Endpoint, 'role'>, maxTokens: number): string {
  return `Question and answer don't fit into the model's context: lower ${tokenSetting(endpoint)} (the request asked for ${maxTokens} tokens), or serve the model with a larger context`;
}

/** The setting that says how long an answer may be. */
export function tokenSetting({ role }: Pick<Endpoint, 'role'>): string {
  return role === 'candidate' || role === 'baseline' ? 'sampling.max-tokens' : `models.${role}.max-tokens`;
}
