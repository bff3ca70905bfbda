import { orLeft } from '../core/grace.js';
import { guardProcess } from '../core/process-guard.js';
import { actionsLogger } from './logger.js';
import { settleRun } from './settle.js';
import { saveToCache } from './state-cache.js';

/**
 * The post step: tells whoever still reads "running" that no verdict came, and saves the state.
 * @returns its exit code; what it could not save changes nothing about a verdict
 */
export async function runPost(): Promise<0 | 2> {
  const log = actionsLogger();
  const guard = guardProcess({ lastWords: async ({ message }) => log.warning(`The post step: ${message}`) });
  try {
    await orLeft(settleRun(), guard.signal);
    await orLeft(saveToCache(log), guard.signal).catch((error: unknown) => {
      log.warning(`The state could not be saved: ${String(error)}`);
    });
    guard.release();
    return 0;
  } catch (error) {
    log.warning(`The run could not be settled: ${String(error)}`);
    return 2;
  }
}
