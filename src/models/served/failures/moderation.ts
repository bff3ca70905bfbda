/** How the usual services say that a filter of theirs, not a fault, kept a prompt or a reply back. All texts are from outside. */

/** Codes and types, in lower case without anything but letters and digits. */
const CODES: ReadonlySet<string> = new Set([
  ...['contentfilter', 'contentpolicyviolation', 'invalidprompt', 'moderationblocked', 'safetyviolation'],
  // Azure
  ...['responsibleaipolicyviolation', 'contentfiltered'],
  // DashScope, Volcengine, Zhipu
  ...['datainspectionfailed', 'inputtextsensitivecontentdetected', 'outputtextsensitivecontentdetected'],
  ...['sensitivecontentdetected', 'inputtextriskdetection', 'outputtextriskdetection'],
  // Bedrock
  ...['guardrailintervened', 'guardrailviolation'],
  // Vertex
  ...['prohibitedcontent', 'modelarmor'],
]);

const WORDS: readonly RegExp[] = [
  // OpenAI
  /prompt was flagged|rejected as a result of our safety system|flagged as potentially violating|for safety reasons/i,
  // Azure, and LiteLLM, which passes others' words on under the name of its own exception
  /content management policy|ContentPolicyViolationError|responsible ?ai ?policy/i,
  // xAI, with the status and the code of a key that may not
  /content violates (the |our |xai'?s? )?usage (guidelines|polic(y|ies))|SAFETY_CHECK_TYPE/i,
  // DashScope
  /(input|output) (data|text|image) may contain inappropriate content|data_?inspection_?failed/i,
  // DeepSeek
  /content exists risk/i,
  // Bedrock, and Anthropic behind it
  /blocked by (our |the |your )?content filter|content filtering policy|guardrail(s)? (intervened|polic(y|ies))|violated guardrail|blocked by (the )?guardrail/i,
  // Vertex and Gemini
  /violates? google'?s? (responsible ai|generative ai|policies|usage)|blocked (due to|because of|for) (safety|prohibited)|block_?reason["':= ]+(safety|prohibited|blocklist|other|model_armor)|response was blocked/i,
  // Zhipu
  /不安全或敏感|敏感内容/,
  // Moonshot, Mistral, and the gateways
  /considered high risk|(prompt|response|request) blocked due to security configurations|violated (content safety|openai moderation) policy/i,
];

/** A body of Gemini's that has no candidate in it: `promptFeedback.blockReason`. */
export function blockReasonOf(body: Readonly<Record<string, unknown>> | undefined): string | null {
  for (const feedback of [body?.promptFeedback, body?.prompt_feedback]) {
    if (typeof feedback !== 'object' || feedback === null) continue;
    const { blockReason, block_reason } = feedback as Readonly<Record<string, unknown>>;
    const reason = blockReason ?? block_reason;
    if (typeof reason === 'string' && !/^(block_reason_)?unspecified$/i.test(reason)) return reason;
  }
  return null;
}

/** A code that stands for a filter, however it is spelt: `DataInspectionFailed`, `data_inspection_failed`. */
export function isFilterCode(code: unknown): boolean {
  return typeof code === 'string' && CODES.has(code.toLowerCase().replace(/[^a-z0-9]/g, ''));
}

export function saysFiltered(message: string): boolean {
  return WORDS.some((words) => words.test(message));
}

/** What `finish_reason` is where a reply was held back, in lower case. */
export const FILTER_FINISHES: ReadonlySet<unknown> = new Set([
  // OpenAI, Azure, Anthropic
  ...['content_filter', 'content_filtered', 'refusal'],
  // Vertex and Gemini
  ...['safety', 'prohibited_content', 'blocklist', 'spii', 'recitation', 'model_armor', 'image_safety'],
  // Bedrock, Cohere, Zhipu
  ...['guardrail_intervened', 'guardrails', 'error_toxic', 'sensitive'],
]);
