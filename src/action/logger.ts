import * as core from '@actions/core';
import type { Logger } from '../log.js';
import { inertLog } from '../report/log-text.js';

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
