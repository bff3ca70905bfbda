/**
 * The names of all inputs of the contract. Each is an input of the Action (`action.yml`), a flag of the CLI (`--name`) and,
 * but for secrets and `config*`, a top-level key of the settings file. A test holds `action.yml` against this list.
 */
export interface InputSpec {
  readonly name: string;
  readonly secret?: boolean;
  /** Only the front end reads it; it can't stand in the settings file. */
  readonly frontEndOnly?: boolean;
  /** About what the Action does on GitHub: the command line takes it, for settings in common, and does nothing with it. */
  readonly onGitHub?: boolean;
}

export const INPUTS: readonly InputSpec[] = [
  { name: 'candidate' },
  { name: 'baseline' },
  { name: 'candidate-digest' },
  { name: 'candidate-scope' },
  { name: 'judge' },
  { name: 'base-url' },
  { name: 'candidate-base-url' },
  { name: 'baseline-base-url' },
  { name: 'judge-base-url' },
  { name: 'api-key', secret: true },
  { name: 'candidate-api-key', secret: true },
  { name: 'baseline-api-key', secret: true },
  { name: 'judge-api-key', secret: true },
  { name: 'wait-for-endpoint' },
  { name: 'reply-timeout' },
  { name: 'battery' },
  { name: 'domain' },
  { name: 'config', frontEndOnly: true },
  { name: 'config-from', frontEndOnly: true, onGitHub: true },
  { name: 'fail-on', onGitHub: true },
  { name: 'on-missing-secrets' },
  { name: 'comment', onGitHub: true },
  { name: 'comment-key', onGitHub: true },
  { name: 'matrix-key', frontEndOnly: true, onGitHub: true },
  { name: 'check-name', onGitHub: true },
  { name: 'excerpts' },
  { name: 'excerpts-in', onGitHub: true },
  { name: 'override-label', onGitHub: true },
  { name: 'history-branch', onGitHub: true },
  { name: 'issue-on-failure', onGitHub: true },
  { name: 'max-concurrency' },
  { name: 'max-answers' },
  { name: 'max-cost-usd' },
  { name: 'timeout-minutes' },
  { name: 'resume' },
  { name: 'state-dir' },
  { name: 'state-key', secret: true },
  { name: 'expect-same-model' },
  { name: 'report-dir' },
  { name: 'github-token', secret: true, frontEndOnly: true, onGitHub: true },
];
