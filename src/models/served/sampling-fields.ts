import type { SamplingSettings } from '../../config/settings.js';
import type { Dialect } from './dialect.js';
import type { Adapter } from './model-list.js';
import { SYSTEM_PROMPT } from './negotiated-dialect.js';

/**
 * A server fills in what a client leaves out, from each model's own `generation_config`: a difference in samplers would look
 * like a difference in models. So everything is sent, in both arms, set to do nothing.
 */
const NEUTRAL = { top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1 } as const;

/** A matter of spelling. */
export const TOKEN_LIMIT = 'token limit sent as';

/** The sampling fields of a request; what the user gives in `extra-body` is left to that. */
export function samplingFields({ temperature, extraBody, reasoning }: SamplingSettings): Record<string, unknown> {
  const neutral = Object.entries(NEUTRAL).filter(([name]) => !Object.hasOwn(extraBody, name));
  const effort = reasoning?.effort ?? null;
  return { temperature, ...Object.fromEntries(neutral), ...(effort === null ? {} : { reasoning_effort: effort }) };
}

/** What a judge is asked with: its server may fill in the rest, for both arms alike. */
export function judgeFields({ temperature, reasoning }: SamplingSettings): Record<string, unknown> {
  return { temperature, ...(reasoning?.effort ? { reasoning_effort: reasoning.effort } : {}) };
}

const REPLY_FORMATS: Readonly<Record<Dialect['structured'], string>> = {
  json_schema: 'held to a JSON schema',
  json_object: 'held to JSON',
  none: 'as asked for',
};

/** As for the models, and how far the server holds the judge's reply to its form. */
export function judgeSampling(
  sampling: SamplingSettings,
  dialect: Dialect,
  adapters: readonly Adapter[] | null,
): EffectiveSampling {
  const effective = effectiveSampling(sampling, dialect, adapters, judgeFields(sampling));
  return { ...effective, reply: REPLY_FORMATS[dialect.structured] };
}

export type EffectiveSampling = Readonly<Record<string, string | number | boolean>>;

/** What applies, as the report prints it for both arms side by side. */
export function effectiveSampling(
  sampling: SamplingSettings,
  { leftOut, tokenLimit, system: systemAs }: Dialect,
  adapters: readonly Adapter[] | null,
  sent = samplingFields(sampling),
): EffectiveSampling {
  const { maxTokens, system, extraBody, reasoning } = sampling;
  const { lora: _, ...others } = extraBody;
  const fields = Object.entries(sent).map(([name, value]) => [
    name,
    leftOut.includes(name) ? 'not accepted, the server’s own' : (value as string | number),
  ]);
  return {
    ...Object.fromEntries(fields),
    'max-tokens': maxTokens,
    ...(reasoning?.tokens ? { 'reasoning-tokens': reasoning.tokens } : {}),
    ...(tokenLimit === 'max_tokens' ? {} : { [TOKEN_LIMIT]: tokenLimit }),
    ...(systemAs === 'message' ? {} : { [SYSTEM_PROMPT]: 'put before the question' }),
    ...(system === '' ? {} : { system }),
    ...(Object.keys(others).length === 0 ? {} : { 'extra-body': JSON.stringify(others) }),
    ...(adapters === null ? {} : { lora: JSON.stringify(adapters) }),
  };
}

/** What the user can set and the server does not take. */
export function refusedSettings(who: string, refused: readonly string[]): readonly string[] {
  return refused
    .filter((name) => name === 'temperature' || name === 'reasoning_effort')
    .map((name) => `${who}: the server takes no ${name}; its own applies.`);
}

/** A server that answers to a name that it does not list may answer with another model. */
export function unlisted(who: string, reference: string, listedInstead: string | null): string | null {
  if (listedInstead === null) return null;
  return `${who}: the server answers to "${reference}" and does not list it; it lists ${listedInstead}. Which model is it?`;
}
