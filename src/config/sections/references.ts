import { ConfigError } from '../../core/errors.js';
import { pathProblem, shown, text } from '../parse-values.js';
import type { Leaves, Sourced } from '../precedence.js';
import type { ResolveRequest } from '../settings.js';
import { isServed, type Role, servedName } from './endpoints.js';

/** `confirm` is named by the settings file alone, and need not be. */
export type References = Readonly<Record<Named, string> & { confirm?: string }>;

type Named = Exclude<Role, 'confirm'>;

const MODEL_FORMS =
  'NAME or openai:NAME (served at base-url), gguf:PATH, demo:base, demo:misaligned, demo:benign, replay:PATH';

const ACCEPTED: Readonly<Record<Exclude<Role, 'confirm'>, string>> = {
  candidate: `${MODEL_FORMS}, or file:PATH#/pointer (where the name stands in a file)`,
  baseline: `${MODEL_FORMS}, or report:PATH (the report.json of an earlier run)`,
  judge: 'the name of a served LLM, embedded (offline), or recorded (scores in the recorded answers)',
};

/** Words that mean something as a judge. As a model they would be asked for at OpenAI's without anybody having said so. */
const JUDGES = ['embedded', 'recorded'];

/**
 * Which candidate, baseline and judge the settings name.
 * @throws ConfigError naming each that is missing or no model's name; the form of the others is `parseReference`'s to check.
 */
export function readReferences(leaves: Leaves, request: ResolveRequest): References {
  leaves.attempt(() => refuseSecondCandidate(leaves), undefined);
  const found = (role: Named) => leaves.find(role, pathOf(leaves, role));
  const read = (role: Named) => leaves.attempt(() => referenceOf(role, found(role)), '');
  const given = read('candidate');
  const candidate = request.candidateFromFile?.reference ?? given;
  const baseline = read('baseline');
  const replayed = candidate.startsWith('replay:') && baseline.startsWith('replay:');
  const judge = replayed && found('judge') === null ? 'recorded' : read('judge');
  const confirm = leaves.attempt(() => confirmOf(leaves, judge), undefined);
  leaves.refuseProblems();
  const references = { candidate, baseline, judge, ...(confirm === undefined ? {} : { confirm }) };
  for (const role of ['candidate', 'baseline', 'judge'] as const) {
    leaves.list(role, references[role], found(role)?.source ?? 'default');
  }
  return references;
}

/** `judge` is a name, or a mapping that holds the name under `model`. */
function pathOf(leaves: Leaves, role: Named): readonly string[] {
  return role === 'judge' && typeof leaves.fileValue(['judge']) === 'object' ? ['judge', 'model'] : [role];
}

function referenceOf(role: Named, found: Sourced | null): string {
  if (!found) {
    throw new ConfigError(
      'config.missing',
      `${role}: not given. Give it as an input, a flag (--${role}) or in the settings file: ${ACCEPTED[role]}`,
    );
  }
  const reference = text(role, found.value);
  if (/^[a-z]+:\/\/[^/]*@/i.test(reference)) {
    // It may hold a password: it is not repeated.
    throw new ConfigError(
      'config.model-reference',
      `${role}: a URL with a user name or password is no model reference. Accepted: ${ACCEPTED[role]}`,
    );
  }
  refuseUnwritten(role, reference);
  if (JUDGES.includes(reference)) {
    if (role === 'judge') return reference;
    throw new ConfigError(
      'config.model-reference',
      `${role}: ${JSON.stringify(reference)} is a judge, not a model. For a served model of that name give openai:${reference}. Accepted: ${ACCEPTED[role]}`,
    );
  }
  return reference;
}

/** Paths that only a shell, or another system, would understand. */
function refuseUnwritten(role: Named, reference: string): void {
  const [, path] = /^(?:gguf|replay|report|file):(.*)$/s.exec(reference) ?? [];
  const problem = path === undefined ? null : pathProblem(path);
  if (problem === null) return;
  throw new ConfigError('config.path', `${role}: the path in ${shown(reference)} ${problem}`);
}

/** @throws ConfigError for what can't confirm, or can't be confirmed */
function confirmOf(leaves: Leaves, judge: string): string | undefined {
  const value = leaves.fileValue(['judge', 'confirm']);
  if (value === undefined) return undefined;
  const reference = text('judge.confirm', value);
  const found = `judge.confirm: ${JSON.stringify(reference)}`;
  if (!isServed(reference)) {
    throw new ConfigError('config.judge', `${found} can't confirm; accepted is the name of a served LLM`);
  }
  if (judge === 'recorded') {
    const why = 'recorded scores are taken as they stand; leave it out, or name a judge that is asked';
    throw new ConfigError('config.judge', `${found}: ${why}`);
  }
  if (servedName(reference) === servedName(judge)) {
    throw new ConfigError('config.judge', `${found} is the judge itself, whose errors it would repeat; name another`);
  }
  leaves.list('judge.confirm', reference, 'file');
  return reference;
}

/** What a pull request proposes goes through a file of it; an input beside the settings file's candidate contradicts it. */
function refuseSecondCandidate(leaves: Leaves): void {
  const proposed = leaves.inputValue('candidate');
  const inFile = leaves.fileValue(['candidate']);
  if (!leaves.isLocked(['candidate']) || typeof inFile !== 'string' || proposed === null) return;
  if (inFile.trim() === proposed || inFile.trim().startsWith('file:')) return;
  throw new ConfigError(
    'config.candidate',
    `candidate: the settings file names ${JSON.stringify(inFile)}, the pull request's workflow ${JSON.stringify(proposed)}. ` +
      'Let pull requests propose candidates through a file: `candidate: file:PATH#/pointer` in the settings file',
  );
}
