import type { Logger } from '../../src/core/log.js';

/** A logger that keeps what it is told: `warning: …`. */
export function recorder(): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (message: string) => {
    lines.push(`${level}: ${message}`);
  };
  const log = {
    debug: keep('debug'),
    info: keep('info'),
    notice: keep('notice'),
    warning: keep('warning'),
    error: keep('error'),
  };
  return { log, lines };
}
