import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';

/** Where the checkout lies: its files are whoever's proposed the change. */
export function workspaceOf(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  return resolve(environment.GITHUB_WORKSPACE || process.cwd());
}

/**
 * Where a folder within the workspace really lies, if that is elsewhere: a symbolic link that came with the checkout would
 * have us write there. A folder that was named outside is where its user wants it.
 * @returns null where it may be written to
 */
export async function ledAstray(folder: string, workspace = workspaceOf()): Promise<string | null> {
  const named = resolve(workspace, folder);
  const root = await realOf(workspace);
  if (!isWithin(workspace, named) && !isWithin(root, named)) return null;
  const real = await realOf(named);
  return isWithin(root, real) ? null : real;
}

/** Where a path leads, as far as it exists already. */
async function realOf(path: string): Promise<string> {
  const real = await realpath(path).catch(() => null);
  if (real !== null || dirname(path) === path) return real ?? path;
  return join(await realOf(dirname(path)), basename(path));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}
