import { getInput, getState } from '@actions/core';
import { Ajv } from 'ajv';
import type { Logger } from '../core/log.js';
import { cancelCheckRun } from '../github/check-run.js';
import { settleComment } from '../github/comment.js';
import { parseMarker } from '../github/comment-marker.js';
import { cancelledBody } from '../github/comment-notices.js';
import type { Repository } from '../github/conversation.js';
import { type RunnerEnvironment, readEnvironment, runUrl } from './environment.js';
import { actionsLogger } from './logger.js';
import { CHECK_STATE } from './publish/publish-check.js';
import { COMMENT_STATE, MARKER_STATE } from './publish/publish-comment.js';
import { connect } from './session.js';

const isState = new Ajv().compile<{ repository: string; id: number }>({
  type: 'object',
  required: ['repository', 'id'],
  properties: { repository: { type: 'string', pattern: '^[^/]+/[^/]+$' }, id: { type: 'integer' } },
});

/** The post step: a comment or a check run of this run that still says "running" is told that no verdict came. Never fails. */
export async function settleRun(): Promise<void> {
  const log = actionsLogger();
  await settle(COMMENT_STATE, log, (repository, id, environment) =>
    settleComment(
      repository,
      id,
      (marker) => cancelledBody({ ...marker, id }, environment, runUrl(environment)),
      parseMarker(getState(MARKER_STATE)),
    ),
  );
  await settle(CHECK_STATE, log, cancelCheckRun);
}

async function settle(
  name: string,
  log: Logger,
  step: (repository: Repository, id: number, environment: RunnerEnvironment) => Promise<void>,
): Promise<void> {
  try {
    const state: unknown = JSON.parse(getState(name) || 'null');
    if (!isState(state)) return;
    const environment = readEnvironment(process.env);
    const [owner = '', repo = ''] = state.repository.split('/');
    const client = await connect(getInput('github-token'), log);
    await step({ client, owner, repo }, state.id, environment);
  } catch (error) {
    log.debug(`The ${name} could not be settled: ${error instanceof Error ? error.message : String(error)}`);
  }
}
