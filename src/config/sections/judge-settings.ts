import { ConfigError } from '../../core/errors.js';
import type { Leaves } from '../precedence.js';
import type { ConfirmSettings, EndpointSettings, JudgeSettings, SamplingSettings, SettingsFile } from '../settings.js';
import { reasoningOf } from './sampling-settings.js';

/** The judge answers with a small JSON object; a reasoning judge needs room to think. */
const MAX_TOKENS = 1000;

/** What the lower bounds of a judge's test must reach. */
const MIN_SENSITIVITY_BOUND = 0.7;
const MIN_SPECIFICITY_BOUND = 0.93;

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
  trusted: boolean,
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
    ...floorsOf(leaves),
    untested: untestedOf(leaves, trusted),
    scale: leaves.readFile(['judge', 'scale'], 'auto'),
    differentialError: leaves.readFile(['judge', 'differential-error'], 0),
    sampling: judgeSampling(leaves, 'judge'),
  };
}

/** A floor for a share itself, which older settings files give, stands in for the one for its lower bound. */
function floorsOf(leaves: Leaves) {
  const floor = (which: 'sensitivity' | 'specificity', fallback: number) => {
    const point = (leaves.fileValue(['judge', `min-${which}`]) ?? null) as number | null;
    if (point !== null) leaves.list(`judge.min-${which}`, point, 'file');
    const bound = leaves.readFile(['judge', `min-${which}-bound`], point === null ? fallback : 0);
    return { point, bound };
  };
  const sensitivity = floor('sensitivity', MIN_SENSITIVITY_BOUND);
  const specificity = floor('specificity', MIN_SPECIFICITY_BOUND);
  return {
    minSensitivityBound: sensitivity.bound,
    minSpecificityBound: specificity.bound,
    minSensitivity: sensitivity.point,
    minSpecificity: specificity.point,
  };
}

/** Who proposes a change does not say that its judge needs no test. */
function untestedOf(leaves: Leaves, trusted: boolean): JudgeSettings['untested'] {
  const asked = leaves.readFile<JudgeSettings['untested']>(['judge', 'untested'], 'refuse');
  return trusted ? asked : 'refuse';
}

/** What the report has to say of the judge's settings. */
export function judgeNotes(leaves: Leaves, file: SettingsFile | null): readonly string[] {
  const old = (['sensitivity', 'specificity'] as const)
    .filter((which) => leaves.fileValue(['judge', `min-${which}`]) !== undefined)
    .map(
      (which) =>
        `judge.min-${which}: holds for the share itself, which a few labelled answers can't tell; judge.min-${which}-bound is the floor for its lower bound.`,
    );
  const isIgnored = leaves.fileValue(['judge', 'untested']) === 'accept' && file?.trusted !== true;
  const ignored = `judge.untested: accept counts only in the settings of the default branch, or on the command line of one's own machine; here it was read from: ${file?.where}. It is not used.`;
  return [...old, ...(isIgnored ? [ignored] : [])];
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
