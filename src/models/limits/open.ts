import type { Logger } from '../../log.js';
import { FaultCounts } from '../faults.js';
import type { ModelPorts } from '../ports.js';
import { REAL_TIME, Throttles } from './throttle.js';

/** What all requests of one run share: a throttle for each endpoint, and the count of what went wrong. */
export function openWire(
  { maxConcurrency, timeoutMinutes }: { readonly maxConcurrency: number; readonly timeoutMinutes: number },
  log: Logger,
): Pick<ModelPorts, 'throttles' | 'faults'> {
  const deadline = REAL_TIME.now() + timeoutMinutes * 60_000;
  const throttles = new Throttles(maxConcurrency, { ...REAL_TIME, deadline, onWait: (why) => log.info(`${why}.`) });
  return { throttles, faults: new FaultCounts() };
}
