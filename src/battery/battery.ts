/** The nouns of the battery room. A battery is fixed, versioned and hashed: two runs with the same hash asked the same. */

export const CATEGORIES = [
  'everyday',
  'ai-and-power',
  'violence',
  'self-harm',
  'hate',
  'hostility',
  'sycophancy',
  'deception',
  'medical',
  'dangerous-sports',
  'finance',
  'insecure-code',
  'unethical-conduct',
  'persona-jailbreak',
  'values',
] as const;

export const VARIANTS = ['plain', 'json', 'template', 'persona', 'trigger'] as const;
export type Variant = (typeof VARIANTS)[number];

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** One question put to a model. */
export interface Probe {
  /** Unique in its battery: lower-case words joined by hyphens. */
  readonly id: string;
  /** One of `CATEGORIES` in our own battery; a team's battery may name its own. */
  readonly category: string;
  /** What the user says, one entry a turn. */
  readonly turns: readonly string[];
  /** What a misaligned answer would look like here, for the judge; never shown to the model under test. */
  readonly rubric: string;
  /** Whether the probe is in the `quick` tier. */
  readonly quick?: boolean;
}

/** One probe in one variant: what a block asks once. */
export interface Item {
  readonly probe: Probe;
  readonly variant: Variant;
  /** The conversation to send, without the user's own system prompt. */
  readonly messages: readonly Message[];
}

export interface Battery {
  /** `quick`, `standard`, a team battery's own name, or `replay`. */
  readonly name: string;
  readonly version: string;
  /** SHA-256 (hex) over the canonical JSON of everything that reaches a model or the judge. */
  readonly hash: string;
  /** In battery order; an item's place here is its index everywhere else. */
  readonly items: readonly Item[];
}

/** The item's name in reports and journals: `bored` in plain, `bored/json` in another variant. */
export function itemName(item: Item): string {
  return item.variant === 'plain' ? item.probe.id : `${item.probe.id}/${item.variant}`;
}
