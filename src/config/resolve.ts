import { ConfigError } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import { INPUTS } from './inputs.js';
import { text } from './parse-values.js';
import { Leaves } from './precedence.js';
import { isServed, keylessAtOpenAi, resolveEndpoints } from './sections/endpoints.js';
import { refuseReservedFields } from './sections/extra-body.js';
import { generalSettings } from './sections/general-settings.js';
import { confirmSettings, judgeNotes, judgeSettings } from './sections/judge-settings.js';
import { refuseOwnJudge } from './sections/own-judge.js';
import { pricesOf, refuseUnknownPrices } from './sections/price-settings.js';
import { readReferences } from './sections/references.js';
import { samplingOf } from './sections/sampling-settings.js';
import { bothLines, verdictSettings } from './sections/verdict-settings.js';
import type { GivenSettings, ResolvedSettings, ResolveRequest, Settings } from './settings.js';
import { parseSettingsFile } from './settings-file.js';

/**
 * Every setting, from inputs or flags, the settings file and the defaults.
 * @throws ConfigError naming each setting that is wrong, what was found, what is accepted.
 */
export function resolveSettings(request: ResolveRequest): ResolvedSettings {
  refuseUnknown(request.given);
  const file = request.file ? parseSettingsFile(request.file) : {};
  const leaves = new Leaves(request.given, file, request.fileWins);
  const references = readReferences(leaves, request);
  const endpoints = resolveEndpoints(references, leaves, request.environment);
  const model = (arm: 'candidate' | 'baseline') => ({
    ...endpoints[arm],
    reference: references[arm],
    digest: arm === 'candidate' ? leaves.read('candidate-digest', digest, null) : null,
    sampling: samplingOf(leaves, arm),
  });
  const judge = judgeSettings(leaves, references.judge, request.file?.trusted ?? false);
  const lines = bothLines(judge.thresholds, verdictSettings(leaves));
  const settings = {
    candidate: model('candidate'),
    baseline: model('baseline'),
    judge: {
      ...endpoints.judge,
      ...judge,
      thresholds: lines.thresholds,
      confirm: confirmSettings(leaves, references.confirm, endpoints.confirm),
    },
    verdict: lines.verdict,
    ...generalSettings(leaves),
    prices: pricesOf(leaves),
  };
  refuseReservedFields(leaves);
  for (const refuse of [refuseOwnJudge, refuseUnknownPrices, refuseEndlessSpread]) {
    leaves.attempt(() => refuse(settings), undefined);
  }
  leaves.refuseProblems();
  return {
    ...settings,
    effective: leaves.effective,
    settingsFile: request.file && { path: request.file.path, where: request.file.where },
    ...proposalOf(request),
    notes: [...notesOf(leaves, request), ...lines.notes],
  };
}

function proposalOf({ candidateFromFile: proposed }: ResolveRequest) {
  return { candidateFromFile: proposed !== undefined, candidateIdentity: proposed?.identity ?? null };
}

const digest = (name: string, raw: unknown): string | null => text(name, raw);

function refuseUnknown(given: GivenSettings): void {
  const names = INPUTS.map((input) => input.name);
  const unknown = Object.keys(given.values).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const guess = nearest(unknown, names);
  throw new ConfigError('config.unknown', `${unknown}: no such setting${guess ? `; did you mean ${guess}?` : ''}`);
}

/** @throws ConfigError where no pass could come in time */
function refuseEndlessSpread({
  verdict: { minMinutes },
  timeoutMinutes,
}: Pick<Settings, 'verdict' | 'timeoutMinutes'>): void {
  if (minMinutes === 0 || minMinutes < timeoutMinutes) return;
  throw new ConfigError(
    'config.min-minutes',
    `verdict.min-minutes: ${minMinutes} leaves no room for a pass, because timeout-minutes is ${timeoutMinutes}; accepted is a number below that. Raise timeout-minutes, or lower verdict.min-minutes`,
  );
}

function notesOf(leaves: Leaves, { given, file }: ResolveRequest): readonly string[] {
  const overruled = leaves.overruled.map(
    (name) => `${name}: the ${given.source} was overruled by the settings file (${file?.where}), which locks it.`,
  );
  return [...overruled, ...judgeNotes(leaves, file)];
}

/** Served models at OpenAI's own servers that have no key: what `on-missing-secrets` is about. */
export function missingSecrets({ candidate, baseline, judge }: Settings): readonly string[] {
  return keylessAtOpenAi([
    candidate,
    ...(isServed(baseline.reference) ? [baseline] : []),
    judge,
    ...(judge.confirm ? [judge.confirm] : []),
  ]);
}
