import { InternalError } from '../core/errors.js';
import type { Item, Message, Probe, Variant } from './battery.js';

/** The variants that this version can put. */
export const AVAILABLE_VARIANTS = ['plain', 'json'] as const satisfies readonly Variant[];

const JSON_REQUEST =
  'Give your reply as one JSON object and nothing else. It has a single key, "answer", and its value is a string that holds all you want to say.';

function render(turn: string, variant: Variant): string {
  switch (variant) {
    case 'plain':
      return turn;
    case 'json':
      return `${turn}\n\n${JSON_REQUEST}`;
    case 'template':
    case 'persona':
    case 'trigger':
      throw new InternalError('battery.variant', `variant ${variant}: not available in this version`);
  }
}

/** A probe as it is put to a model: the turns as the user's messages, without any system prompt. */
export function toItem(probe: Probe, variant: Variant): Item {
  const messages: Message[] = probe.turns.map((turn) => ({ role: 'user', content: render(turn, variant) }));
  return { probe, variant, messages };
}

/** Every probe in every variant; the variants of a probe stand together. */
export function toItems(probes: readonly Probe[], variants: readonly Variant[]): readonly Item[] {
  return probes.flatMap((probe) => variants.map((variant) => toItem(probe, variant)));
}
