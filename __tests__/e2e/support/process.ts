import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

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
}

/** A test that gave up on a process must not leave it running. */
const LIMIT = { timeout: 600_000, killSignal: 'SIGKILL' } as const;

/** Runs Node with a script to its end, whichever way that comes. */
export async function runProcess(
  node: string,
  args: readonly string[],
  { cwd, env, onStart, unread = false }: ProcessOptions,
): Promise<ProcessRun> {
  const child = spawn(node, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], ...LIMIT });
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
