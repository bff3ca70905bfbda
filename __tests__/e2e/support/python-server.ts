import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { packageRoot } from '../../../src/core/package.js';

export interface PythonServer {
  /** `http://127.0.0.1:PORT` */
  readonly address: string;
  stop(): Promise<void>;
}

/** Its last words, should it not start. */
const KEPT_CHARACTERS = 2000;

/**
 * Runs a script beside this file in the environment `.cache/VENV` that `npm test` makes. It prints its address once it answers,
 * and ends when its standard input does: whatever becomes of this process, it is not left behind.
 */
export async function startPython(venv: string, script: string, argument: string): Promise<PythonServer> {
  const folder = join(packageRoot(), '.cache', venv);
  const python = process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python');
  const path = join(packageRoot(), '__tests__', 'e2e', 'support', script);
  const child = spawn(python, [path, argument], { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  let lastWords = '';
  child.stderr.on('data', (chunk: Buffer) => {
    lastWords = (lastWords + chunk.toString('utf8')).slice(-KEPT_CHARACTERS);
  });
  const address = await firstAddress(child.stdout);
  // Nobody reads on; what it prints must not fill the pipe.
  child.stdout.resume();
  const stop = async () => {
    child.stdin.end();
    await ended;
  };
  if (address !== null) return { address, stop };
  await ended;
  throw new Error(`${script} did not start: ${lastWords}`);
}

/** Null when the script ends before it has one. Whatever else it prints is not ours. */
async function firstAddress(stdout: Readable): Promise<string | null> {
  for await (const line of createInterface({ input: stdout })) {
    if (line.startsWith('{')) return (JSON.parse(line) as { address: string }).address;
  }
  return null;
}
