import type { Leaves } from '../precedence.js';
import type { SamplingSettings } from '../settings.js';

const DEFAULTS = { temperature: 1, maxTokens: 600, seed: 1, system: '' };

type Body = Readonly<Record<string, unknown>>;

/** How one of the two models is sampled: what stands under `models` wins over `sampling`, which holds for both. */
export function samplingOf(leaves: Leaves, arm: 'candidate' | 'baseline'): SamplingSettings {
  const pick = <T>(key: string, fallback: T): T => {
    const shared = leaves.readFile(['sampling', key], fallback);
    const own = ['models', arm, key];
    return leaves.fileValue(own) === undefined ? shared : leaves.readFile(own, shared);
  };
  return {
    temperature: pick('temperature', DEFAULTS.temperature),
    maxTokens: pick('max-tokens', DEFAULTS.maxTokens),
    seed: leaves.readFile(['sampling', 'seed'], DEFAULTS.seed),
    system: pick('system', DEFAULTS.system),
    // Field by field, so that what one model needs (its adapter) does not drop what both were to have.
    extraBody: { ...leaves.readFile<Body>(['sampling', 'extra-body'], {}), ...pick<Body>('extra-body', {}) },
    ...reasoningOf(leaves, arm),
  };
}

/** For models that think first; nothing where it is not set. */
export function reasoningOf(
  leaves: Leaves,
  role: 'candidate' | 'baseline' | 'judge' | 'confirm',
): Pick<SamplingSettings, 'reasoning'> {
  const [effort, tokens] = ['reasoning-effort', 'reasoning-tokens'].map((key) => ['models', role, key]);
  if (!effort || !tokens || [effort, tokens].every((path) => leaves.fileValue(path) === undefined)) return {};
  return {
    reasoning: {
      effort: leaves.readFile<string | null>(effort, null),
      tokens: leaves.readFile(tokens, 0),
    },
  };
}
