import { ConfigError } from '../errors.js';
import type { Role } from './endpoints.js';
import type { Leaves, Sourced } from './leaves.js';
import type { ResolveRequest } from './settings.js';
import { text } from './values.js';

const MODEL_FORMS =
  'NAME or openai:NAME (served at base-url), gguf:PATH, demo:base, demo:misaligned, demo:benign, replay:PATH';

const ACCEPTED: Readonly<Record<Role, string>> = {
  candidate: `${MODEL_FORMS}, or file:PATH#/pointer (where the name stands in a file)`,
  baseline: MODEL_FORMS,
  judge: 'the name of a served LLM, embedded (offline), or recorded (scores in the recorded answers)',
};

/** Words that mean something as a judge. As a model they would be asked for at OpenAI's without anybody having said so. */
const JUDGES = ['embedded', 'recorded'];

/**
 * Which candidate, baseline and judge the settings name.
 * @throws ConfigError naming each that is missing or no model's name; the form of the others is `parseReference`'s to check.
 */
export function readReferences(leaves: Leaves, request: ResolveRequest): Readonly<Record<Role, string>> {
  leaves.attempt(() => refuseSecondCandidate(leaves), undefined);
  const found = (role: Role) => leaves.find(role, pathOf(leaves, role));
  const read = (role: Role) => leaves.attempt(() => referenceOf(role, found(role)), '');
  const given = read('candidate');
  const candidate = request.candidateFromFile ?? given;
  const baseline = read('baseline');
  const replayed = candidate.startsWith('replay:') && baseline.startsWith('replay:');
  const judge = replayed && found('judge') === null ? 'recorded' : read('judge');
  leaves.refuseProblems();
  const references = { candidate, baseline, judge };
  for (const role of ['candidate', 'baseline', 'judge'] as const) {
    leaves.list(role, references[role], found(role)?.source ?? 'default');
  }
  return references;
}

/** `judge` is a name, or a mapping that holds the name under `model`. */
function pathOf(leaves: Leaves, role: Role): readonly string[] {
  return role === 'judge' && typeof leaves.fileValue(['judge']) === 'object' ? ['judge', 'model'] : [role];
}

function referenceOf(role: Role, found: Sourced | null): string {
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
  if (JUDGES.includes(reference)) {
    if (role === 'judge') return reference;
    throw new ConfigError(
      'config.model-reference',
      `${role}: ${JSON.stringify(reference)} is a judge, not a model. For a served model of that name give openai:${reference}. Accepted: ${ACCEPTED[role]}`,
    );
  }
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
