import type { KeptSettings } from '../commands/init/existing-settings.js';
import { REQUIRED_JOB, type Recipe, SETTINGS } from '../commands/init/recipes.js';

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  'OWNER/misalignment-gate@FULL_COMMIT_SHA': 'this Action, pinned by commit (--action)',
  IMAGE_DIGEST: 'the digest of the server image you trust',
  CANDIDATE_MODEL: 'the name under which the fine-tune in use is served (--candidate)',
  BASE_MODEL: 'the name under which the base model is served (--baseline)',
  JUDGE_MODEL: 'the model that scores the answers (--judge)',
  'judge.example.com': 'the judge’s server (--judge-base-url)',
  'models.example.com': 'the models’ server (--base-url)',
  'RESOURCE.openai.azure.com': 'the Azure resource’s endpoint (--base-url)',
  'recordings/': 'the recorded answers: the candidate’s in the pull request, the baseline’s on the default branch',
  '/srv/': 'the folder of the runner that holds models or adapters',
  'models/support.yaml#/adapter': 'where your pull requests propose a fine-tune (--candidate)',
};

/** For the baseline against itself: there the candidate must be asked as the baseline is. */
const OWN_SETTINGS = [
  'models.candidate in the settings would apply to this workflow too, whose candidate is the baseline itself: name a',
  'settings file of its own by the input `config`, the same but for models.candidate, which is to be as models.baseline.',
  '',
];

/** The workflow of a kept settings file may have started the server that it names; this one starts none. */
function serverToStart({ local }: KeptSettings, file: string): readonly string[] {
  if (local.length === 0) return [];
  const where = local.map(([name, url]) => `${name}: ${url}`).join(', ');
  return [
    `${file} starts no server, but the settings name one on the machine of the job itself (${where}).`,
    'Copy from .github/workflows/misalignment-gate.yml, as they stand there: `runs-on`, the step "Start …" before the',
    'gate’s and the step "Stop …" after it. Without them the run ends as an error: no server answers.',
    '',
  ];
}

/** What a scheduled run tests where a file names it. */
function fileInUse(candidate: unknown): readonly string[] {
  if (typeof candidate !== 'string' || !candidate.startsWith('file:')) return [];
  return [
    `Candidate: ${candidate}, as it stands on the default branch; the run ends as an error while nothing stands there.`,
    '',
  ];
}

const REVIEWED = 'let CODEOWNERS own /.github/ and require their review';

function onPullRequests({ runsOn }: Recipe): readonly string[] {
  return [
    'Merge both files to the default branch first: on pull requests the settings are read there.',
    'What no workflow can close, because a pull request may edit the workflow itself:',
    `  - make the job \`${REQUIRED_JOB}\` a required check (a ruleset on the default branch, or branch protection);`,
    '  - require this workflow by a ruleset of the organisation ("Require workflows to pass before merging"), or',
    `    ${REVIEWED}, so that nobody removes or weakens the step unseen${runsOn.includes('self-hosted') ? ';' : '.'}`,
    ...(runsOn.includes('self-hosted') ? ['  - don’t let pull requests from forks reach runners of your own.'] : []),
    '',
  ];
}

function onDefaultBranch({ job }: Recipe): readonly string[] {
  return [
    'Merge what was written to the default branch: it runs there alone, every week and by hand, with the settings of its checkout.',
    `It gates no pull request. Never make the job \`${job}\` a required check: every pull request would wait for it for ever.`,
    `Whoever may change it unseen can weaken it: ${REVIEWED}.`,
    '',
  ];
}

export function advice(paths: readonly string[], kept: KeptSettings | null, recipe: Recipe, text: string): string {
  const { file, inputs, secrets, job } = recipe;
  const toFill = Object.entries(PLACEHOLDERS).filter(([name]) => text.includes(name));
  return [
    ...paths.map((path) => `Written: ${path}`),
    ...(kept ? [`Kept as it is: ${SETTINGS}`] : []),
    '',
    ...(kept ? serverToStart(kept, file) : []),
    ...(kept?.asksCandidateApart && 'expect-same-model' in inputs ? OWN_SETTINGS : []),
    ...(toFill.length > 0 ? ['Fill in:', ...toFill.map(([name, what]) => `  ${name}: ${what}`), ''] : []),
    ...fileInUse(inputs.candidate),
    `Secrets that the workflow reads: ${Object.values(secrets).join(', ') || 'none'}`,
    '',
    ...(job === REQUIRED_JOB ? onPullRequests(recipe) : onDefaultBranch(recipe)),
  ].join('\n');
}
