import type { Bundle } from './bundle.js';
import { type ProcessOptions, type ProcessRun, runProcess } from './process.js';

export type CliRun = ProcessRun;

export type CliOptions = Pick<ProcessOptions, 'cwd' | 'limit' | 'onStart' | 'unread' | 'stdoutTo'> &
  Partial<Pick<ProcessOptions, 'env'>>;

/** Runs the bundle's command line as a process of its own, with no variables of this one's but those it can't do without. */
export function runCli(bundle: Bundle, args: readonly string[], options: CliOptions): Promise<CliRun> {
  const { PATH = '', HOME = '', MISALIGNMENT_GATE_CACHE = '', XDG_CACHE_HOME = '' } = process.env;
  const env = { PATH, HOME, MISALIGNMENT_GATE_CACHE, XDG_CACHE_HOME, ...options.env };
  return runProcess(process.execPath, [bundle.file('cli.js'), ...args], { ...options, env });
}
