import { setMaxListeners } from 'node:events';

/**
 * Ctrl-C once ends the run with what was sampled; twice ends the program as usual. The listener stays until then: the state
 * directory's lock listens too, and ends a program that nobody else listens for.
 */
export function cancelOnSignals(): { readonly signal: AbortSignal; readonly release: () => void } {
  const controller = new AbortController();
  // Every request in flight listens to it.
  setMaxListeners(0, controller.signal);
  const release = () => {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  };
  function cancel(signal: NodeJS.Signals) {
    if (!controller.signal.aborted) return controller.abort();
    release();
    process.kill(process.pid, signal);
  }
  process.on('SIGINT', cancel);
  process.on('SIGTERM', cancel);
  return { signal: controller.signal, release };
}
