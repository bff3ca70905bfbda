import type { Settings } from '../../../config/settings.js';
import type { Activity } from '../../../core/activity.js';
import type { Logger } from '../../../core/log.js';
import type { ModelPorts } from '../../request-budget.js';
import { FaultCounts } from '../failures/fault-counts.js';
import { connectionsOpened } from '../http/proxy.js';
import { REAL_TIME, Throttles } from './limiter.js';

/** What all requests of one run share: a throttle for each endpoint, and the count of what went wrong. */
export interface Wire extends Pick<ModelPorts, 'throttles' | 'faults'> {
  /** How many connections were made so far. */
  readonly connections: () => number;
}

export function openWire(
  {
    maxConcurrency,
    timeoutMinutes,
    maxWaitSeconds,
  }: Pick<Settings, 'maxConcurrency' | 'timeoutMinutes' | 'maxWaitSeconds'>,
  log: Logger,
  activity: Activity,
): Wire {
  const deadline = REAL_TIME.now() + timeoutMinutes * 60_000;
  const throttles = new Throttles(maxConcurrency, {
    ...{ ...REAL_TIME, deadline, maxWaitMs: maxWaitSeconds * 1000 },
    sleep: (wait, signal) => activity.during('waits of a rate limit', wait, () => REAL_TIME.sleep(wait, signal)),
    onWait: (why) => log.info(`${why}.`),
  });
  const before = connectionsOpened();
  return { throttles, faults: new FaultCounts(), connections: () => connectionsOpened() - before };
}

/** For the report; null where no server was asked. */
export function wireReport({ throttles, faults, connections }: Wire) {
  const endpoints = throttles.report;
  return endpoints.length === 0 ? null : { faults: faults.rows, endpoints, connections: connections() };
}
