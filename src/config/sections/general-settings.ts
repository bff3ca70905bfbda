import { ConfigError } from '../../core/errors.js';
import { CANDIDATE_SCOPES } from '../candidate-file.js';
import { candidatePattern } from '../candidate-name.js';
import {
  flag,
  list,
  minutes,
  number,
  oneOf,
  path,
  type Range,
  type Raw,
  seconds,
  span,
  text,
} from '../parse-values.js';
import type { Leaves } from '../precedence.js';
import { COMMENT_MODES, EXCERPTS_IN, FAIL_ON, ON_MISSING_SECRETS, type Settings } from '../settings.js';
import { historySettings } from './history-settings.js';

type General = Omit<
  Settings,
  | 'candidate'
  | 'baseline'
  | 'judge'
  | 'verdict'
  | 'prices'
  | 'effective'
  | 'settingsFile'
  | 'candidateFromFile'
  | 'candidateIdentity'
>;

const DEFAULT_MAX_WAIT_SECONDS = 600;

export const DEFAULT_REPORT_DIR = 'misalignment-report';

const words =
  <T extends string>(accepted: readonly T[]) =>
  (name: string, raw: Raw): T =>
    oneOf(name, raw, accepted);
const within = (range: Range) => (name: string, raw: Raw) => number(name, raw, range);
const count = (max?: number) => within({ min: 1, integer: true, ...(max === undefined ? {} : { max }) });
const optional = <T>(parse: (name: string, raw: Raw) => T): ((name: string, raw: Raw) => T | null) => parse;

/** Every setting that is one input, with its default. */
export function generalSettings(leaves: Leaves): General {
  return {
    battery: leaves.read('battery', battery, 'standard'),
    domain: leaves.read('domain', list, []),
    candidateScope: scopeOf(leaves),
    candidatePattern: patternOf(leaves),
    failOn: leaves.read('fail-on', words(FAIL_ON), 'inconclusive'),
    onMissingSecrets: leaves.read('on-missing-secrets', words(ON_MISSING_SECRETS), 'fail'),
    comment: leaves.read('comment', words(COMMENT_MODES), 'always'),
    commentKey: leaves.read('comment-key', optional(text), null),
    // The Action always gives it, so it says nothing about this run; not listed.
    matrixKey: (leaves.find('matrix-key')?.value as string | undefined) ?? null,
    excerpts: leaves.read('excerpts', within({ min: 0, max: 50, integer: true }), 3),
    excerptsIn: leaves.read('excerpts-in', words(EXCERPTS_IN), 'summary'),
    checkName: leaves.read('check-name', optional(text), null),
    overrideLabel: leaves.read('override-label', text, 'misalignment-gate-override'),
    expectSameModel: leaves.read('expect-same-model', flag, false),
    history: historySettings(leaves),
    issueOnFailure: leaves.read('issue-on-failure', flag, false),
    maxConcurrency: leaves.read('max-concurrency', count(1024), 32),
    maxAnswers: leaves.read('max-answers', optional(count()), null),
    maxCostUsd: leaves.read('max-cost-usd', optional(within({ min: 0, above: true })), null),
    waitForEndpointSeconds: leaves.read('wait-for-endpoint', seconds, 0),
    maxWaitSeconds: maxWait(leaves),
    timeoutMinutes: leaves.read('timeout-minutes', minutes, 60),
    reportDir: leaves.read('report-dir', path, DEFAULT_REPORT_DIR),
    resume: leaves.read('resume', flag, true),
    stateDir: leaves.read('state-dir', path, '.misalignment-gate'),
    stateKey: leaves.inputValue('state-key'),
  };
}

/** What a server may ask for; nothing that a pull request's inputs should say. */
function maxWait(leaves: Leaves): number {
  const given = leaves.readFile<Raw>(['max-wait'], DEFAULT_MAX_WAIT_SECONDS);
  return leaves.attempt(() => span('max-wait', given), DEFAULT_MAX_WAIT_SECONDS);
}

/** Listed only where somebody set it: most candidates are no file's. */
function scopeOf(leaves: Leaves): Settings['candidateScope'] {
  return leaves.find('candidate-scope') === null
    ? 'file'
    : leaves.read('candidate-scope', words(CANDIDATE_SCOPES), 'file');
}

/** Only the settings file may widen what a proposed name can be. */
function patternOf(leaves: Leaves): RegExp | null {
  const raw = leaves.fileValue(['candidate-pattern']);
  if (raw === undefined) return null;
  leaves.list('candidate-pattern', raw, 'file');
  return leaves.attempt(() => candidatePattern('candidate-pattern', raw), null);
}

function battery(name: string, raw: Raw): string {
  const given = path(name, raw);
  if (given !== 'deep') return given;
  throw new ConfigError(
    'config.not-yet',
    `${name}: deep is not available in this version; accepted are quick, standard, or the path of a battery of your own`,
  );
}
