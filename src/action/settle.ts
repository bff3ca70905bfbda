import { getInput, getState } from '@actions/core';
import { Ajv } from 'ajv';
import { settleComment } from '../github/comment.js';
import { cancelledBody } from '../github/notices.js';
import { readEnvironment, runUrl } from './environment.js';
import { actionsLogger } from './logger.js';
import { COMMENT_STATE } from './pull-request-comment.js';
import { connect } from './session.js';

const isState = new Ajv().compile<{ repository: string; id: number }>({
  type: 'object',
  required: ['repository', 'id'],
  properties: { repository: { type: 'string', pattern: '^[^/]+/[^/]+$' }, id: { type: 'integer' } },
});

/** The post step: a comment of this run that still says "running" is told that no verdict came. Never fails. */
export async function settleRun(): Promise<void> {
  const log = actionsLogger();
  try {
    const state: unknown = JSON.parse(getState(COMMENT_STATE) || 'null');
    if (!isState(state)) return;
    const environment = readEnvironment(process.env);
    const [owner = '', repo = ''] = state.repository.split('/');
    const client = await connect(getInput('github-token'), log);
    await settleComment({ client, owner, repo }, state.id, (marker) =>
      cancelledBody(marker, environment, runUrl(environment)),
    );
  } catch (error) {
    log.debug(`The comment could not be settled: ${error instanceof Error ? error.message : String(error)}`);
  }
}
