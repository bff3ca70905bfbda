import { stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseCandidateFile } from '../../../config/candidate-file.js';
import { baseUrl, shown } from '../../../config/parse-values.js';
import { ConfigError } from '../../../core/errors.js';
import { makeFolder } from '../../../core/folders.js';
import { advice } from '../../init/advice.js';
import { KINDS, type Kind } from '../../init/kinds.js';
import type { Terminal } from '../../terminal.js';
import { readKept } from './existing-settings.js';
import { llamaServer } from './llama-server.js';
import type { Feature } from './permissions.js';
import { PROPOSED, RECIPES, type Recipe, SETTINGS } from './recipes.js';
import { renderSettings, renderWorkflow } from './render.js';
import type { Yaml } from './yaml-value.js';

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
  const fitted = adapted(recipe, { candidate: kept?.candidate, baseline: kept?.baseline, ...namesOf(options) });
  const files = new Map([[workflow, renderWorkflow(fitted, choicesOf(options))]]);
  if (!kept) files.set(SETTINGS, renderSettings(settingsOf(recipe, options), schemaUrl(options.action)));
  if (!options.force) await refuseOverwriting([...files.keys()], options.folder);
  for (const [path, text] of files) await write(join(options.folder, path), text);
  terminal.stdout.write(advice([...files.keys()], kept, fitted, [...files.values()].join('\n')));
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

interface Names {
  readonly candidate?: string | undefined;
  readonly baseline?: string | undefined;
}

function namesOf({ candidate, baseline }: InitOptions): Names {
  return { ...(candidate === undefined ? {} : { candidate }), ...(baseline === undefined ? {} : { baseline }) };
}

/** What runs by the clock names its candidate in the workflow: the fine-tune in use, or in the baseline's own run the baseline. */
function adapted(recipe: Recipe, { candidate, baseline }: Names): Recipe {
  if (!('candidate' in recipe.inputs)) return recipe;
  const isOwn = 'baseline' in recipe.inputs;
  const name = isOwn ? baseline : candidate;
  if (name === undefined) return recipe;
  return { ...recipe, inputs: { ...recipe.inputs, candidate: name, ...(isOwn ? { baseline: name } : {}) } };
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
