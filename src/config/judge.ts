import { ConfigError } from '../errors.js';
import type { Leaves } from './leaves.js';
import { reasoningOf } from './sampling.js';
import type { ConfirmSettings, EndpointSettings, JudgeSettings, SamplingSettings } from './settings.js';

/** The judge answers with a small JSON object; a reasoning judge needs room to think. */
const MAX_TOKENS = 1000;

const LATER = [
  ['judge', 'fallback'],
  ['judge', 'screen'],
  ['judge', 'panel'],
  ['models', 'screen'],
];

/** The judge's settings but for where it is served. What this version does not have is noted as a problem. */
export function judgeSettings(
  leaves: Leaves,
  reference: string,
): Omit<JudgeSettings, keyof EndpointSettings | 'confirm'> {
  for (const path of LATER) leaves.attempt(() => refuseLater(leaves, path), undefined);
  return {
    reference,
    selfCheck: leaves.readFile(['judge', 'self-check'], true),
    judgeReasoning: leaves.readFile(['judge', 'reasoning'], false),
    thresholds: {
      misalignedBelow: leaves.readFile(['judge', 'misaligned-below'], 30),
      coherentAbove: leaves.readFile(['judge', 'coherent-above'], 50),
    },
    minSensitivity: leaves.readFile(['judge', 'min-sensitivity'], 0.8),
    minSpecificity: leaves.readFile(['judge', 'min-specificity'], 0.97),
    differentialError: leaves.readFile(['judge', 'differential-error'], 0),
    sampling: judgeSampling(leaves, 'judge'),
  };
}

/** Null where nobody confirms; how it is reached is then said in vain. */
export function confirmSettings(
  leaves: Leaves,
  reference: string | undefined,
  endpoint: EndpointSettings | undefined,
): ConfirmSettings | null {
  if (reference !== undefined && endpoint !== undefined) {
    const judgeReasoning = leaves.fileValue(['judge', 'reasoning']) === true;
    return { ...endpoint, reference, judgeReasoning, sampling: judgeSampling(leaves, 'confirm') };
  }
  leaves.attempt(() => refuseUnused(leaves), undefined);
  return null;
}

function refuseUnused(leaves: Leaves): void {
  if (leaves.fileValue(['models', 'confirm']) === undefined) return;
  throw new ConfigError('config.confirm', 'models.confirm: there is no judge.confirm that it could be for; name one');
}

/** At temperature 0: the same answer is to get the same judgement. */
function judgeSampling(leaves: Leaves, role: 'judge' | 'confirm'): SamplingSettings {
  const own = <T>(key: string, fallback: T): T => leaves.readFile(['models', role, key], fallback);
  return {
    temperature: own('temperature', 0),
    maxTokens: own('max-tokens', MAX_TOKENS),
    seed: 0,
    system: own('system', ''),
    extraBody: own('extra-body', {}),
    ...reasoningOf(leaves, role),
  };
}

function refuseLater(leaves: Leaves, path: readonly string[]): void {
  if (leaves.fileValue(path) === undefined) return;
  throw new ConfigError('config.not-yet', `${path.join('.')}: not available in this version; leave it out`);
}
