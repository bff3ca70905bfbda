import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Bundle } from './bundle.js';

export interface CliRun {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Gets the process, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Closes the reading end of its stdout at once, as `| true` does. */
  readonly unread?: boolean;
}

/** Runs the bundle's command line as a process of its own, with no variables of this one's but those it can't do without. */
export async function runCli(bundle: Bundle, args: readonly string[], options: CliOptions): Promise<CliRun> {
  const { cwd, env = {}, onStart, unread = false } = options;
  const { PATH = '', HOME = '', MISALIGNMENT_GATE_CACHE = '', XDG_CACHE_HOME = '' } = process.env;
  const child = spawn(process.execPath, [bundle.file('cli.js'), ...args], {
    cwd,
    env: { PATH, HOME, MISALIGNMENT_GATE_CACHE, XDG_CACHE_HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A test that gave up on it must not leave it running.
    timeout: 600_000,
    killSignal: 'SIGKILL',
  });
  onStart?.(child);
  if (unread) child.stdout.destroy();
  const [stdout, stderr] = [unread ? '' : collect(child.stdout), collect(child.stderr)];
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout: await stdout, stderr: await stderr };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
