import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readdirSync, readFileSync } from 'node:fs';

export interface ProcessRun {
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd: string;
  /** All its variables: it gets none of this process's. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets the process, to send it signals. */
  readonly onStart?: (child: ChildProcess) => void;
  /** Closes the reading end of its stdout at once, as `| true` does. */
  readonly unread?: boolean;
  /** A file that its stdout goes to, `/dev/full` say; the run's `stdout` is then empty. */
  readonly stdoutTo?: string;
  /** Milliseconds; default: ten minutes. */
  readonly limit?: number;
}

/** A test that gave up on a process must not leave it running. */
const LIMIT = 600_000;

/** Runs Node with a script to its end, whichever way that comes. */
export async function runProcess(
  node: string,
  args: readonly string[],
  { cwd, env, onStart, unread = false, stdoutTo, limit = LIMIT }: ProcessOptions,
): Promise<ProcessRun> {
  const file = stdoutTo === undefined ? null : openSync(stdoutTo, 'w');
  const ended = { timeout: limit, killSignal: 'SIGKILL' } as const;
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', file ?? 'pipe', 'pipe'], ...ended });
  if (file !== null) closeSync(file);
  onStart?.(child);
  if (unread) child.stdout?.destroy();
  const stdout = unread || child.stdout === null ? '' : collect(child.stdout);
  const stderr = child.stderr === null ? '' : collect(child.stderr);
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, stdout: await stdout, stderr: await stderr };
}

async function collect(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** The ids of the processes that run this script. */
export function processesOf(script: string): readonly number[] {
  return commands()
    .filter(([, command]) => command.includes(script))
    .map(([id]) => id);
}

/** All processes. Linux without `ps` is common in containers. */
function commands(): readonly (readonly [number, string])[] {
  if (!existsSync('/proc/self/cmdline')) {
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => [Number.parseInt(line, 10), line]);
  }
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return ids.map((id) => [Number(id), commandOf(id)]);
}

/** Empty for a process that has ended meanwhile. */
function commandOf(id: string): string {
  try {
    return readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
