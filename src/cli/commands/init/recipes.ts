import type { Kind } from '../../init/kinds.js';
import { llamaServer } from './llama-server.js';
import type { Feature } from './permissions.js';
import { OWN, served } from './served-job.js';
import type { Yaml } from './yaml-value.js';

/** One case that `init` writes a workflow for. */
export interface Recipe {
  /** For the list of kinds. */
  readonly about: string;
  /** The file in `.github/workflows/`. */
  readonly file: string;
  readonly name: string;
  readonly on: Yaml;
  /** The job's id, under which its check is known: only that of a pull request's gate may be the one that is required. */
  readonly job: string;
  readonly concurrency: Yaml;
  readonly runsOn: string;
  readonly timeoutMinutes: number;
  readonly features: readonly Feature[];
  /** What comes before the gate. */
  readonly before: readonly Yaml[];
  /** Inputs of the gate beside its keys. */
  readonly inputs: Yaml;
  /** Secrets that hold keys, by input. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly after: readonly Yaml[];
  /** For the settings file, where there is none yet. */
  readonly settings: Yaml;
}

/** Edits and labels can change what a gate goes by; without them a red check would stay, or a retargeted one stay green. */
const PULL_REQUESTS = {
  pull_request: { types: ['opened', 'synchronize', 'reopened', 'edited', 'labeled', 'unlabeled'] },
  merge_group: null,
};
const PER_PULL_REQUEST = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's expression, not ours.
  group: 'misalignment-gate-${{ github.event.pull_request.number || github.ref }}',
  // Only a new push makes a running test useless.
  // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's expression, not ours.
  'cancel-in-progress': "${{ github.event.action == 'synchronize' }}",
};
/** Two at once would only race for the branch and the issue. */
const ONE_AFTER_ANOTHER = (name: string) => ({ group: name, 'cancel-in-progress': false });
const ownRunner = (labels: readonly string[]) =>
  `\${{ ${OWN} && fromJSON('${JSON.stringify(labels)}') || 'ubuntu-latest' }}`;
const JUDGE_KEY = { 'judge-api-key': 'JUDGE_API_KEY' };
const BOTH_KEYS = { 'api-key': 'MODEL_API_KEY', ...JUDGE_KEY };
const JUDGE = { judge: 'JUDGE_MODEL', 'judge-base-url': 'https://judge.example.com/v1' };
export const PROPOSED = 'file:models/support.yaml#/adapter';
const MODELS = 'https://models.example.com/v1';
const SERVED = { candidate: PROPOSED, baseline: 'BASE_MODEL', 'base-url': MODELS, ...JUDGE };

/** Pinned by commit, like everything that a workflow runs. */
const CHECKOUT = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const UPLOAD = 'actions/upload-artifact@043fb46d1a93c77aae656e7c1c64a875d1fc6a0a';
/** What a reader takes the commits for. */
export const VERSIONS: Readonly<Record<string, string>> = { [CHECKOUT]: 'v7.0.1', [UPLOAD]: 'v7.0.1' };

/** For people, and for later runs that take the sealed verdict over. */
export const KEEP_REPORT: Yaml = {
  if: "always() && steps.gate.outputs.report-dir != ''",
  uses: UPLOAD,
  with: {
    name: 'misalignment-report',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's expression, not ours.
    path: '${{ steps.gate.outputs.report-dir }}',
    'retention-days': 30,
  },
};

const ON_GITHUBS_RUNNER = { runsOn: 'ubuntu-latest', timeoutMinutes: 75, before: [], after: [] } as const;

export const SETTINGS = '.github/misalignment-gate.yml';

/** The job that is made a required check. */
export const REQUIRED_JOB = 'gate';

const PULL_REQUEST_GATE: Pick<Recipe, 'file' | 'name' | 'job' | 'on' | 'concurrency' | 'features' | 'inputs'> = {
  ...{ file: 'misalignment-gate.yml', name: 'Misalignment gate', on: PULL_REQUESTS, concurrency: PER_PULL_REQUEST },
  job: REQUIRED_JOB,
  ...{ features: ['settings', 'comment', 'override', 'takeover'], inputs: {} },
};

/** Runs on the default branch: the checkout brings the settings. The workflow names the candidate. */
const ON_DEFAULT_BRANCH = {
  ...{
    runsOn: 'ubuntu-latest',
    timeoutMinutes: 75,
    before: [{ uses: CHECKOUT, with: { 'persist-credentials': false } }],
    after: [],
    secrets: BOTH_KEYS,
    settings: { baseline: 'BASE_MODEL', 'base-url': MODELS, ...JUDGE },
  },
} as const;

export const RECIPES: Readonly<Record<Kind, Recipe>> = {
  vllm: {
    ...PULL_REQUEST_GATE,
    about: 'pull requests; vLLM with LoRA, started and stopped in the job, on a GPU runner of your own',
    ...{ runsOn: ownRunner(['self-hosted', 'linux', 'gpu']), timeoutMinutes: 120 },
    ...served('vllm', [
      '--gpus all --publish 127.0.0.1:8000:8000 --volume /srv/adapters:/adapters:ro',
      '--env VLLM_ALLOW_RUNTIME_LORA_UPDATING=true --env VLLM_PLUGINS=lora_filesystem_resolver',
      '--env VLLM_LORA_RESOLVER_CACHE_DIR=/adapters vllm/vllm-openai@sha256:IMAGE_DIGEST',
      'BASE_MODEL --enable-lora --max-lora-rank 32',
    ]),
    secrets: JUDGE_KEY,
    settings: { ...SERVED, 'base-url': 'http://127.0.0.1:8000/v1', 'wait-for-endpoint': '15m' },
  },
  'llama.cpp': {
    ...PULL_REQUEST_GATE,
    about: 'pull requests that propose a LoRA adapter; llama.cpp, started with it and stopped in the job',
    ...{ runsOn: ownRunner(['self-hosted', 'linux']), timeoutMinutes: 120 },
    ...llamaServer(PROPOSED),
    secrets: JUDGE_KEY,
    settings: {
      ...{ candidate: PROPOSED, baseline: 'base', 'base-url': 'http://127.0.0.1:8080/v1', ...JUDGE },
      ...{ 'wait-for-endpoint': '15m', 'max-concurrency': 8, 'timeout-minutes': 100 },
      models: {
        candidate: { 'extra-body': { lora: [{ id: 0, scale: 1 }] } },
        baseline: { 'extra-body': { lora: [{ id: 0, scale: 0 }] } },
      },
    },
  },
  ollama: {
    ...PULL_REQUEST_GATE,
    about: 'pull requests; models in Ollama, started and stopped in the job',
    ...{ runsOn: ownRunner(['self-hosted', 'linux']), timeoutMinutes: 120 },
    ...served('ollama', [
      // Beside its models Ollama writes a key of its own; and it would clear up among them.
      '--publish 127.0.0.1:11434:11434 --volume /srv/ollama/models:/root/.ollama/models:ro',
      '--env OLLAMA_NOPRUNE=1',
      'ollama/ollama@sha256:IMAGE_DIGEST',
    ]),
    secrets: JUDGE_KEY,
    settings: {
      ...{ ...SERVED, 'base-url': 'http://127.0.0.1:11434/v1', 'wait-for-endpoint': '15m' },
      ...{ 'max-concurrency': 4, 'timeout-minutes': 100 },
    },
  },
  openai: {
    ...PULL_REQUEST_GATE,
    about: "pull requests; fine-tunes and judge at OpenAI's own API",
    ...ON_GITHUBS_RUNNER,
    secrets: { 'api-key': 'OPENAI_API_KEY' },
    settings: { candidate: PROPOSED, baseline: 'BASE_MODEL', judge: 'JUDGE_MODEL' },
  },
  azure: {
    ...PULL_REQUEST_GATE,
    about: 'pull requests; fine-tunes and judge as deployments of an Azure OpenAI resource',
    ...ON_GITHUBS_RUNNER,
    secrets: { 'api-key': 'AZURE_OPENAI_API_KEY' },
    settings: {
      ...{ candidate: PROPOSED, baseline: 'BASE_MODEL', judge: 'JUDGE_MODEL' },
      'base-url': 'https://RESOURCE.openai.azure.com/openai/v1',
    },
  },
  hosted: {
    ...PULL_REQUEST_GATE,
    about: 'pull requests; models and judge behind an OpenAI-compatible API',
    ...{ ...ON_GITHUBS_RUNNER, secrets: BOTH_KEYS, settings: SERVED },
  },
  recordings: {
    ...PULL_REQUEST_GATE,
    about: 'pull requests that bring recorded answers with their scores: no model is called',
    ...ON_GITHUBS_RUNNER,
    before: [{ uses: CHECKOUT, with: { 'persist-credentials': false } }],
    features: ['settings', 'checkout', 'comment', 'override', 'takeover'],
    secrets: {},
    settings: {
      ...{ candidate: 'replay:recordings/candidate.jsonl', baseline: 'replay:recordings/baseline.jsonl' },
      judge: 'recorded',
    },
  },
  schedule: {
    ...ON_DEFAULT_BRANCH,
    about: 'every week, what is in use: trend on a history branch, one tracking issue while it fails',
    ...{ file: 'misalignment-gate-weekly.yml', name: 'Misalignment gate, weekly', job: 'weekly' },
    on: { schedule: [{ cron: '17 3 * * 2' }], workflow_dispatch: null },
    concurrency: ONE_AFTER_ANOTHER('misalignment-gate-weekly'),
    features: ['checkout', 'history', 'issue'],
    inputs: { candidate: 'CANDIDATE_MODEL', 'history-branch': 'misalignment-history', 'issue-on-failure': true },
  },
  baseline: {
    ...ON_DEFAULT_BRANCH,
    about: 'every week, the baseline against itself: fills the cache of its answers that pull requests then read',
    ...{ file: 'misalignment-gate-baseline.yml', name: 'Misalignment gate, baseline', job: 'baseline' },
    on: { schedule: [{ cron: '41 2 * * 1' }], workflow_dispatch: null },
    concurrency: ONE_AFTER_ANOTHER('misalignment-gate-baseline'),
    features: ['checkout'],
    inputs: { candidate: 'BASE_MODEL', baseline: 'BASE_MODEL', 'expect-same-model': true },
  },
};
