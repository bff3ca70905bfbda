import * as core from '@actions/core';
import type { Clock, Logger, ProgressListener } from '../core/log.js';
import { inertLog } from '../core/log-text.js';
import { describeProgress } from '../report/progress-line.js';

/** The Logger of the Action: plain lines, and annotations for what needs eyes. */
export function actionsLogger(): Logger {
  return {
    debug: (message) => core.debug(inertLog(message)),
    info: (message) => core.info(inertLog(message)),
    notice: (message) => core.notice(inertLog(message), { title: 'misalignment-gate' }),
    warning: (message) => core.warning(inertLog(message), { title: 'misalignment-gate' }),
    error: (message) => core.error(inertLog(message), { title: 'misalignment-gate' }),
  };
}

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
