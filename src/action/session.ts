import { resolve } from 'node:path';
import type { Settings } from '../config/settings.js';
import { ConfigError } from '../core/errors.js';
import { type Clock, type Logger, systemClock } from '../core/log.js';
import { VERSION } from '../core/package.js';
import type { GateResult } from '../gate.js';
import type { GithubClient } from '../github/client.js';
import { type GateName, gateKey, type Marker } from '../github/comment-marker.js';
import { type RepositoryReader, repositoryReader } from '../github/contents.js';
import type { KnownComment, Repository } from '../github/conversation.js';
import type { Report } from '../report/report.js';
import { type RunnerEnvironment, runOf } from './environment.js';
import type { GateEvent } from './event/event.js';
import { actionsLogger } from './logger.js';
import { type ActionInputs, maskSecrets, readInputs, secretsOf } from './read-inputs.js';

/** A gate that ran before this one in the same job, as its report tells. */
export interface EarlierStep {
  readonly step: string;
  readonly checkName: string | null;
}

/** One run of the Action: what is known of it, filled in step by step, so that an error at any step can still be reported. */
export interface Session {
  readonly inputs: ActionInputs;
  readonly secrets: readonly string[];
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborts once something wants the run's end; its reason says what. */
  signal: AbortSignal;
  environment: RunnerEnvironment | null;
  event: GateEvent | null;
  settings: Settings | null;
  /** The comment that says this run is under way; null where there is none. */
  comment: KnownComment | null;
  /** The check run that says this run is under way; null where there is none. */
  checkRun: number | null;
  /** The sealed report that this verdict was taken over from; null where it was reached here. */
  carried: string | null;
  /** Caveats for the report. */
  notes: readonly string[];
  /** A step of the same job that left its report in the folder of this one's; undefined until it was looked for. */
  earlierStep: EarlierStep | null | undefined;
  /** What this run measured, for later runs; null where it measured nothing. */
  tracks: GateResult['tracks'];
  /** Made when first needed. @throws ConfigError without a token. */
  readonly client: () => Promise<GithubClient>;
  readonly reader: () => Promise<RepositoryReader>;
}

export function openSession(): Session {
  const inputs = readInputs();
  const secrets = secretsOf(inputs, process.env);
  maskSecrets(secrets);
  const log = actionsLogger();
  const client = once(() => connect(inputs.token, log));
  return {
    ...{ inputs, secrets, log, client, clock: systemClock, signal: new AbortController().signal },
    ...{ environment: null, event: null, settings: null, checkRun: null, carried: null, notes: [], tracks: null },
    ...{ comment: null, earlierStep: undefined },
    reader: async () => repositoryReader(await client()),
  };
}

/** @throws ConfigError without a token. */
export async function connect(token: string, log: Logger): Promise<GithubClient> {
  if (token === '') {
    throw new ConfigError(
      'config.github-token',
      'github-token: empty; leave the input out to use the job’s own token (`contents: read`, `pull-requests: write`)',
    );
  }
  const { createClient } = await import('../github/client.js');
  const apiUrl = process.env.GITHUB_API_URL || 'https://api.github.com';
  return createClient({ token, apiUrl, log, userAgent: `misalignment-gate/${VERSION}`, environment: process.env });
}

/** The repository that the workflow belongs to. @throws ConfigError without a token. */
export async function repositoryOf(session: Session): Promise<Repository> {
  const [owner = '', repo = ''] = session.environment?.repository.split('/') ?? [];
  return { client: await session.client(), owner, repo };
}

export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** Where the report says it came from; null while that is unknown. */
export function runInfo({ environment, event }: Session): Report['run'] {
  return environment && event ? runOf(environment, event.head.sha) : null;
}

export function inWorkspace({ environment }: Session, path: string): string {
  return resolve(environment?.workspace ?? process.cwd(), path);
}

/** What all attempts at one verdict share: the proposed commit, elsewhere the run. */
export function attemptsScope({ environment, event }: Session): string {
  return event?.oneVerdictPerCommit ? `commit ${event.head.sha}` : `run ${environment?.runId}`;
}

/** What tells this gate from others: on a pull request, in the history, in the cache. */
export function gateName({ environment, settings, inputs }: Session): GateName {
  const { workflow = '', workflowPath = '', callers = '', job = '', step = '' } = environment ?? {};
  return {
    ...{ workflow, workflowPath, callers, job, step },
    commentKey: settings?.commentKey ?? (inputs.values['comment-key'] || null),
    matrixKey: inputs.values['matrix-key'] || null,
  };
}

export function markerFor(session: Session, state: Marker['state']): Marker {
  const { environment, event } = session;
  const { runId = 0, runAttempt = 1 } = environment ?? {};
  return { key: gateKey(gateName(session)), headSha: event?.head.sha ?? '', runId, runAttempt, state };
}
