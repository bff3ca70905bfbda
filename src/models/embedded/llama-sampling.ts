import { createHash } from 'node:crypto';
import type { SamplingSettings } from '../../config/settings.js';
import { ConfigError } from '../../core/errors.js';
import type { Arm } from '../model.js';
import type { DrawSpec } from './protocol.js';

/** The part of a draw that is the same for every answer of a model. */
export type Draw = Omit<DrawSpec, 'seed'>;

interface Filter {
  readonly accepts: (value: number) => boolean;
  readonly accepted: string;
}

const isShare = (value: number) => value >= 0 && value <= 1;

const FILTERS = {
  top_k: {
    accepts: (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 31,
    accepted: 'a whole number, 0 for no limit',
  },
  top_p: { accepts: (value) => isShare(value) && value > 0, accepted: 'a number above 0, at most 1' },
  min_p: { accepts: isShare, accepted: 'a number from 0 to 1' },
} as const satisfies Record<string, Filter>;

type FilterName = keyof typeof FILTERS;

/** llama.cpp's own default; without it a small quantised model wanders off into its tail of unlikely tokens. */
const DEFAULT_TOP_K = 40;

/**
 * How an embedded model draws, from the settings of its arm.
 * @throws ConfigError for an extra body that an embedded model can't honour: ignoring it would gate another sampling
 */
export function drawFrom({ temperature, maxTokens, extraBody }: SamplingSettings, arm: Arm): Draw {
  const unknown = Object.keys(extraBody).find((name) => !Object.hasOwn(FILTERS, name));
  if (unknown !== undefined) {
    throw new ConfigError(
      'config.extra-body',
      `models.${arm}.extra-body: ${JSON.stringify(unknown)} means nothing to an embedded model. Accepted: ${Object.keys(FILTERS).join(', ')}; an adapter is given as gguf:PATH?lora=PATH&scale=1`,
    );
  }
  const filter = (name: FilterName, byDefault: number) => readFilter(name, extraBody[name] ?? byDefault, arm);
  return {
    temperature,
    maxTokens,
    topK: filter('top_k', DEFAULT_TOP_K),
    topP: filter('top_p', 1),
    minP: filter('min_p', 0),
  };
}

function readFilter(name: FilterName, value: unknown, arm: Arm): number {
  const { accepts, accepted }: Filter = FILTERS[name];
  if (typeof value === 'number' && accepts(value)) return value;
  throw new ConfigError(
    'config.extra-body',
    `models.${arm}.extra-body: ${name} must be ${accepted}, not ${JSON.stringify(value)}`,
  );
}

/**
 * The seed of one answer, in [0, 2^31): a run repeats, and no two answers of it share a seed by design. The arm takes part, so
 * that a model compared with itself is drawn twice instead of being copied.
 */
export function seedOf(seed: number, arm: Arm, index: number, sample: number): number {
  const digest = createHash('sha256').update(`${seed}/${arm}/${index}/${sample}`).digest();
  return digest.readUInt32BE(0) >>> 1;
}
