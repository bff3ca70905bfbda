import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A runner's folders, files and variables for one step, as GitHub's runner sets them up. */
export interface Runner {
  readonly folder: string;
  readonly workspace: string;
  readonly env: Record<string, string>;
  /** Writes a file into the checkout. */
  checkout(path: string, text: string): Promise<void>;
  /** What the step wrote to GITHUB_OUTPUT. */
  outputs(): Promise<Record<string, string>>;
  state(): Promise<Record<string, string>>;
  summary(): Promise<string>;
  remove(): Promise<void>;
}

export interface RunnerOptions {
  readonly event: string;
  readonly payload: unknown;
  readonly inputs?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly apiUrl?: string;
}

export const HEAD = 'a'.repeat(40);
export const BASE = 'b'.repeat(40);
export const TIP = 'c'.repeat(40);
export const MERGE = 'd'.repeat(40);

export async function startRunner(options: RunnerOptions): Promise<Runner> {
  const folder = await mkdtemp(join(tmpdir(), 'runner-'));
  const workspace = join(folder, 'workspace');
  await mkdir(workspace);
  const file = async (name: string, text = '') => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const env = {
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'team/models',
    GITHUB_EVENT_NAME: options.event,
    GITHUB_EVENT_PATH: await file('event.json', JSON.stringify(options.payload)),
    GITHUB_SHA: MERGE,
    GITHUB_WORKSPACE: workspace,
    GITHUB_API_URL: options.apiUrl ?? 'http://127.0.0.1:1',
    GITHUB_SERVER_URL: 'https://github.example',
    GITHUB_RUN_ID: '100',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKFLOW: 'Models',
    GITHUB_JOB: 'gate',
    GITHUB_OUTPUT: await file('output'),
    GITHUB_STATE: await file('state'),
    GITHUB_STEP_SUMMARY: await file('summary.md'),
    ...inputVariables({ 'github-token': 'gh-token', 'matrix-key': 'null', ...options.inputs }),
    ...options.env,
  };
  return {
    ...{ folder, workspace, env },
    checkout: async (path, text) => {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), text);
    },
    outputs: async () => parseCommands(await readFile(env.GITHUB_OUTPUT, 'utf8')),
    state: async () => parseCommands(await readFile(env.GITHUB_STATE, 'utf8')),
    summary: () => readFile(env.GITHUB_STEP_SUMMARY, 'utf8'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** `INPUT_…`, as the runner names them: upper case, white space as underscores, hyphens kept. */
export function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]),
  );
}

/** The runner's file format: `name<<delimiter`, lines, `delimiter`; the last of a name counts. */
function parseCommands(text: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    const [name = '', delimiter] = line.split('<<');
    if (delimiter === undefined) continue;
    const end = lines.indexOf(delimiter);
    found[name] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n');
  }
  return found;
}

interface PayloadChoices {
  readonly baseBranch?: string;
  readonly action?: string;
  readonly headRepository?: string | null;
  readonly headSha?: string;
  readonly baseSha?: string;
  readonly labels?: readonly string[];
}

export function pullRequestPayload(more: PayloadChoices = {}) {
  const { action = 'synchronize', headRepository = 'team/models', headSha = HEAD, baseSha = BASE, labels = [] } = more;
  const { baseBranch = 'main' } = more;
  return {
    action,
    number: 7,
    pull_request: {
      number: 7,
      head: { ref: 'tune', sha: headSha, repo: headRepository === null ? null : { full_name: headRepository } },
      base: { ref: baseBranch, sha: baseSha, repo: { full_name: 'team/models' } },
      labels: labels.map((name) => ({ name })),
    },
    repository: { full_name: 'team/models', default_branch: 'main' },
    nonce: randomUUID(),
  };
}
