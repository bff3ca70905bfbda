import type { JudgeSettings } from '../config/settings.js';
import type { Arm } from '../models/model.js';
import type { Plan } from '../sampling/plan.js';
import type { Binding } from '../state/journal-key.js';

/** Where something is served, and with which key, says nothing of what it answers. */
const LEFT_OUT: ReadonlySet<string> = new Set(['apiKey', 'apiKeyName', 'baseUrl', 'baseUrlName', 'replyTimeout']);

/** Of the judge's settings, those that a judgement does not depend on: they say what is made of it. */
const OF_THE_VERDICT: ReadonlySet<keyof JudgeSettings> = new Set([
  'thresholds',
  'selfCheck',
  'untested',
  'minSensitivityBound',
  'minSpecificityBound',
  'minSensitivity',
  'minSpecificity',
  'differentialError',
  'scale',
]);

/** What only the baseline's server can say. */
export const SAID_BY_BASELINE = ['baseline, as served', "baseline's fingerprint", "baseline's root"] as const;

export function baselineSubject({ models }: Plan): Binding {
  return { baseline: models.baseline.identity.reference };
}

export function runSubject(plan: Plan, scope: string | undefined): Binding {
  const { reference, digest } = plan.models.candidate.identity;
  return { candidate: reference, digest, scope: attemptsOf(plan, scope), ...proposalOf(plan) };
}

/** What stands beside the candidate's name in the file that proposes it: a revision, a hash. */
function proposalOf({ settings }: Plan): Binding {
  return settings.candidateIdentity === null ? {} : { 'what is proposed': settings.candidateIdentity };
}

/** What all attempts at one verdict share. */
function attemptsOf({ models }: Plan, scope: string | undefined): string {
  return models.candidate.identity.digest === null ? (scope ?? 'state-dir') : 'candidate-digest';
}

/** What a baseline's answer and its judgement depend on. */
export function baselineBinding(plan: Plan): Binding {
  const { judge, confirm, settings, battery } = plan;
  // Which answers were confirmed hangs on the thresholds.
  const confirms = settings.judge.confirm !== null;
  const ofJudgement = Object.entries(settings.judge).filter(
    ([name]) => !OF_THE_VERDICT.has(name as keyof JudgeSettings) || (confirms && name === 'thresholds'),
  );
  return {
    ...modelBinding(plan, 'baseline'),
    battery: battery.hash,
    judge: judge.identity.reference,
    'judge, as served': judge.identity.served,
    "judge's prompt": judge.identity.version,
    ...(confirm ? { 'judge.confirm, as served': confirm.identity.served } : {}),
    ...flat('judge', Object.fromEntries(ofJudgement)),
  };
}

/** What the verdict depends on; limits on answers, money and time are none of it, so that a raised limit goes on. */
export function runBinding(plan: Plan, scope: string | undefined): Binding {
  const { settings } = plan;
  const { maxBlocks: _limit, ...verdict } = settings.verdict;
  const { reference: _named, ...judge } = settings.judge;
  return {
    ...baselineBinding(plan),
    ...modelBinding(plan, 'candidate'),
    ...flat('verdict', verdict),
    ...flat('judge', judge),
    'sampling.seed': settings.candidate.sampling.seed,
    'expect-same-model': settings.expectSameModel,
    scope: attemptsOf(plan, scope),
    ...proposalOf(plan),
  };
}

function modelBinding({ models }: Plan, arm: Arm): Binding {
  const { reference, served, digest, fingerprint, root, sampling } = models[arm].identity;
  return {
    [arm]: reference,
    [`${arm}, as served`]: served,
    [`${arm}'s digest`]: digest,
    [`${arm}'s fingerprint`]: fingerprint ?? null,
    [`${arm}'s root`]: root ?? null,
    ...flat(arm, sampling),
  };
}

/** Nested settings under the names that the settings file gives them: `judge.sampling.max-tokens`. */
function flat(prefix: string, settings: object): Binding {
  const entries = Object.entries(settings).flatMap(([name, value]): [string, Binding[string]][] => {
    if (LEFT_OUT.has(name)) return [];
    const path = `${prefix}.${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    if (Array.isArray(value)) return [[path, JSON.stringify(value)]];
    if (typeof value === 'object' && value !== null) return Object.entries(flat(path, value));
    return [[path, typeof value === 'number' || typeof value === 'boolean' ? value : (value ?? null)]];
  });
  return Object.fromEntries(entries);
}
