import { execFile } from 'node:child_process';
import { basename, dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMIT_MS = 10_000;

/**
 * Whether git tracks anything in a folder: then it came with the checkout, from whoever proposes a change, and is no state of
 * ours. Where there is no git, nothing is tracked.
 */
export async function isTracked(folder: string): Promise<boolean> {
  try {
    const path = resolve(folder);
    const words = ['ls-files', '-z', '--', `:(literal)${basename(path)}`];
    const { stdout } = await run('git', words, { timeout: LIMIT_MS, cwd: dirname(path) });
    return stdout !== '';
  } catch {
    return false;
  }
}
