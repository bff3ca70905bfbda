import { asObject } from './served/failures/error-body.js';

type Message = Readonly<Record<string, unknown>>;

/** The kinds of content parts that are thinking: Mistral's, and as some proxies pass others' on. */
const THINKING_PARTS: ReadonlySet<unknown> = new Set(['thinking', 'reasoning']);

export function isThinkingPart(part: unknown): boolean {
  return THINKING_PARTS.has(asObject(part)?.type);
}

/**
 * What a server gives as thinking, apart from the answer; null where it gives none. DeepSeek, llama.cpp and older vLLM call it
 * `reasoning_content`, OpenRouter and newer vLLM `reasoning`, Ollama `thinking`; OpenRouter has it once more in
 * `reasoning_details`, LiteLLM in `thinking_blocks`, Mistral in parts of the content. What is in several places counts once.
 */
export function reasoningOf(message: Message): string | null {
  const parts = Array.isArray(message.content) ? message.content.filter(isThinkingPart) : [];
  const texts = [
    ...[message.reasoning_content, message.reasoning, message.thinking].map((field) => textIn(field)),
    joined(message.reasoning_details),
    joined(message.thinking_blocks),
    joined(parts),
  ];
  const distinct = [...new Set(texts.filter((text) => text !== ''))];
  return distinct.length === 0 ? null : distinct.join('\n\n');
}

function joined(list: unknown): string {
  return Array.isArray(list) ? list.map((part) => textIn(part)).join('') : '';
}

/** A part's text, under whatever name; its pieces joined, where it has several. Encrypted thinking has none. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value;
  return piecesOf(value)
    .flatMap((piece) => (typeof piece === 'string' ? [piece] : piecesOf(piece)))
    .filter((piece) => typeof piece === 'string')
    .join('');
}

function piecesOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  const { text, thinking, summary, content } = asObject(value) ?? {};
  return [text, thinking, summary, content].flat();
}

/** What was set apart when an answer was recorded, by the column that `answers.jsonl` has for it. */
export function recordedReasoning({ reasoning }: Message): { readonly reasoning?: string } {
  return typeof reasoning === 'string' && reasoning !== '' ? { reasoning } : {};
}
