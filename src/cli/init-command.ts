import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseCandidateFile } from '../config/candidate-file.js';
import { baseUrl, shown } from '../config/values.js';
import { ConfigError } from '../errors.js';
import { makeFolder } from '../folders.js';
import { type KeptSettings, readKept } from './init/kept.js';
import { KINDS, type Kind } from './init/kinds.js';
import { llamaServer } from './init/llama-server.js';
import type { Feature } from './init/permissions.js';
import { PROPOSED, RECIPES, REQUIRED_JOB, type Recipe } from './init/recipes.js';
import { renderSettings, renderWorkflow } from './init/render.js';
import type { Yaml } from './init/yaml.js';
import type { Terminal } from './terminal.js';

export interface InitOptions {
  readonly kind?: string;
  readonly folder: string;
  readonly force?: boolean;
  /** `OWNER/REPO@COMMIT` of this Action. */
  readonly action: string;
  readonly candidate?: string;
  readonly baseline?: string;
  readonly judge?: string;
  readonly baseUrl?: string;
  readonly judgeBaseUrl?: string;
  readonly historyBranch?: string;
  readonly checkName?: string;
  readonly issueOnFailure?: boolean;
}

const SETTINGS = '.github/misalignment-gate.yml';

/** `misalignment-gate init`: a workflow and a settings file for the case at hand, and what they leave to do. */
export async function initCommand(options: InitOptions, terminal: Terminal): Promise<void> {
  const kind = kindOf(options.kind);
  refuseNoNames(options);
  const recipe = forCandidate(kind, options.candidate);
  const workflow = join('.github', 'workflows', recipe.file);
  const hasSettings = await exists(join(options.folder, SETTINGS));
  // A second workflow goes by the settings that the first brought.
  const keepSettings = hasSettings && !recipe.file.endsWith('gate.yml');
  const kept = keepSettings ? await readKept(join(options.folder, SETTINGS)) : null;
  const baseline = options.baseline ?? kept?.baseline;
  const files = new Map([[workflow, renderWorkflow(adapted(recipe, baseline), choicesOf(options))]]);
  if (!kept) files.set(SETTINGS, renderSettings(settingsOf(recipe, options), schemaUrl(options.action)));
  if (!options.force) await refuseOverwriting([...files.keys()], options.folder);
  for (const [path, text] of files) await write(join(options.folder, path), text);
  terminal.stdout.write(advice([...files.keys()], kept, recipe, [...files.values()].join('\n')));
}

function kindOf(given: string | undefined): Kind {
  const kind = KINDS.find((known) => known === given);
  if (kind) return kind;
  const width = Math.max(...KINDS.map((name) => name.length));
  const list = KINDS.map((name) => `  ${name.padEnd(width)}  ${RECIPES[name].about}`).join('\n');
  const found = given === undefined ? 'not given' : `${shown(given)} is none of ${KINDS.join(', ')}`;
  throw new ConfigError('cli.usage', `--kind: ${found}. Say which case the workflow is for:\n${list}`);
}

/** @throws ConfigError for what is no name or no URL: the first run would refuse it, on the default branch */
function refuseNoNames(options: InitOptions): void {
  for (const name of ['candidate', 'baseline', 'judge'] as const) {
    if (options[name]?.trim() === '')
      throw new ConfigError('cli.usage', `--${name}: empty; give a model’s name, or leave it out`);
  }
  if (options.candidate !== undefined) parseCandidateFile(options.candidate.trim());
  if (options.baseUrl !== undefined) baseUrl('--base-url', options.baseUrl);
  if (options.judgeBaseUrl !== undefined) baseUrl('--judge-base-url', options.judgeBaseUrl);
}

/** llama.cpp is started with the adapter that the candidate is. */
function forCandidate(kind: Kind, candidate = PROPOSED): Recipe {
  return kind === 'llama.cpp' ? { ...RECIPES[kind], ...llamaServer(candidate) } : RECIPES[kind];
}

/** The baseline's own run names it in the workflow: there candidate and baseline are one. */
function adapted(recipe: Recipe, baseline: string | undefined): Recipe {
  if (!('candidate' in recipe.inputs) || baseline === undefined) return recipe;
  return { ...recipe, inputs: { ...recipe.inputs, candidate: baseline, baseline } };
}

function settingsOf({ settings }: Recipe, options: InitOptions): Yaml {
  const { candidate, baseline, judge, baseUrl, judgeBaseUrl } = options;
  const given = { candidate, baseline, judge, 'base-url': baseUrl, 'judge-base-url': judgeBaseUrl };
  return { ...settings, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}

function choicesOf({ action, historyBranch, checkName, issueOnFailure }: InitOptions) {
  const features: Feature[] = [];
  const inputs: Record<string, unknown> = {};
  if (historyBranch !== undefined) inputs['history-branch'] = historyBranch;
  if (checkName !== undefined) inputs['check-name'] = checkName;
  if (issueOnFailure) inputs['issue-on-failure'] = true;
  if (historyBranch !== undefined) features.push('history');
  if (checkName !== undefined) features.push('check');
  if (issueOnFailure) features.push('issue');
  return { action, features, inputs };
}

/** The published schema of the version that the workflow uses, for editors. */
function schemaUrl(action: string): string {
  const [repository = '', commit = ''] = action.split('@');
  return `https://raw.githubusercontent.com/${repository}/${commit}/schemas/config.schema.json`;
}

async function refuseOverwriting(paths: readonly string[], folder: string): Promise<void> {
  const there = await Promise.all(paths.map(async (path) => ((await exists(join(folder, path))) ? path : null)));
  const found = there.filter((path) => path !== null);
  if (found.length === 0) return;
  throw new ConfigError(
    'cli.exists',
    `${found.join(', ')}: already there, and nothing was written. --force replaces what is there`,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function write(path: string, text: string): Promise<void> {
  try {
    await makeFolder(dirname(path));
    await writeFile(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new ConfigError('cli.unwritable', `${path}: can't be written (${code}); --folder names the repository's top`);
  }
}

const PLACEHOLDERS: Readonly<Record<string, string>> = {
  'OWNER/misalignment-gate@FULL_COMMIT_SHA': 'this Action, pinned by commit (--action)',
  IMAGE_DIGEST: 'the digest of the server image you trust',
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

function advice(
  paths: readonly string[],
  kept: KeptSettings | null,
  { file, inputs, secrets, job }: Recipe,
  text: string,
): string {
  const toFill = Object.entries(PLACEHOLDERS).filter(([name]) => text.includes(name));
  return [
    ...paths.map((path) => `Written: ${path}`),
    ...(kept ? [`Kept as it is: ${SETTINGS}`] : []),
    '',
    ...(kept ? serverToStart(kept, file) : []),
    ...(kept?.asksCandidateApart && 'candidate' in inputs ? OWN_SETTINGS : []),
    ...(toFill.length > 0 ? ['Fill in:', ...toFill.map(([name, what]) => `  ${name}: ${what}`), ''] : []),
    `Secrets that the workflow reads: ${Object.values(secrets).join(', ') || 'none'}`,
    '',
    'Merge both files to the default branch first: on pull requests the settings are read there.',
    'What no workflow can close, because a pull request may edit the workflow itself:',
    `  - make the job \`${REQUIRED_JOB}\` a required check (a ruleset on the default branch, or branch protection);`,
    ...(job === REQUIRED_JOB ? [] : [`    never the job \`${job}\`, whose runs are about no pull request;`]),
    '  - require this workflow by a ruleset of the organisation ("Require workflows to pass before merging"), or',
    '    let CODEOWNERS own /.github/ and require their review, so that nobody removes or weakens the step unseen;',
    '  - don’t let pull requests from forks reach runners of your own.',
    '',
  ].join('\n');
}
