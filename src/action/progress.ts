import type { Clock, Logger, ProgressListener } from '../log.js';
import { describeProgress } from '../report/progress-words.js';

/** A log is read afterwards: a line every half a minute shows that the run lives without drowning what matters. */
const INTERVAL_MS = 30_000;

export function progressLog(log: Logger, clock: Clock): ProgressListener {
  let last = Number.NEGATIVE_INFINITY;
  return (progress) => {
    if (clock.now() - last < INTERVAL_MS) return;
    last = clock.now();
    log.info(describeProgress(progress));
  };
}
