import type { Logger } from '../core/log.js';
import { describeFailure, remedyOf } from './api-error.js';
import type { Repository } from './conversation.js';

/** A check run while it is under way. */
export interface CheckRun {
  readonly name: string;
  readonly headSha: string;
  /** The workflow run's address. */
  readonly detailsUrl: string;
}

/** What stands beside the check's name. `neutral` and `skipped` let a required check pass, as `success` does, without its green. */
export type Conclusion = 'success' | 'failure' | 'neutral' | 'skipped' | 'cancelled';

export interface CheckResult {
  readonly conclusion: Conclusion;
  readonly title: string;
  /** Markdown of at most CHECK_SUMMARY_MAX_BYTES. */
  readonly summary: string;
}

/** GitHub's limit on a check run's summary, in characters (REST API, "Create a check run"). */
export const CHECK_SUMMARY_MAX_BYTES = 65_535;

/** Opens a check run that says "in progress"; its number, or null. Best effort: a required check that is missing blocks. */
export async function openCheckRun(
  connect: () => Promise<Repository>,
  run: CheckRun,
  log: Logger,
): Promise<number | null> {
  return attempt(log, async () => {
    const { client, owner, repo } = await connect();
    const { data } = await client.rest.checks.create({ owner, repo, ...fields(run), status: 'in_progress' });
    return data.id;
  });
}

/** Writes the result into the check run, or creates one where none was opened. */
export async function concludeCheckRun(
  connect: () => Promise<Repository>,
  run: CheckRun,
  id: number | null,
  { conclusion, title, summary }: CheckResult,
  log: Logger,
): Promise<number | null> {
  return attempt(log, async () => {
    const { client, owner, repo } = await connect();
    const result = { status: 'completed', conclusion, output: { title, summary } } as const;
    const { data } =
      id === null
        ? await client.rest.checks.create({ owner, repo, ...fields(run), ...result })
        : await client.rest.checks.update({ owner, repo, check_run_id: id, ...result });
    return data.id;
  });
}

/** What a post step does with a check run whose step never came to a result. */
export async function cancelCheckRun({ client, owner, repo }: Repository, id: number): Promise<void> {
  const { data } = await client.rest.checks.get({ owner, repo, check_run_id: id });
  if (data.status === 'completed') return;
  const output = {
    title: 'No verdict',
    summary: 'The run ended before it came to a verdict (cancelled or timed out).',
  };
  const result = { status: 'completed', conclusion: 'cancelled', output } as const;
  await client.rest.checks.update({ owner, repo, check_run_id: id, ...result });
}

function fields({ name, headSha, detailsUrl }: CheckRun) {
  return { name, head_sha: headSha, details_url: detailsUrl };
}

async function attempt(log: Logger, step: () => Promise<number>): Promise<number | null> {
  try {
    return await step();
  } catch (error) {
    const problem = `The check run could not be published (${describeFailure(error)}); the verdict stands.`;
    log.warning(problem + remedyOf(error, 'Give the job’s token the permission `checks: write`.'));
    return null;
  }
}
