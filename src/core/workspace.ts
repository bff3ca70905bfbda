import { readlink, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve } from 'node:path';
import { ConfigError } from './errors.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the checkout lies: its files are whoever's proposed the change. */
export function workspaceOf(environment: Environment = process.env): string {
  return resolve(environment.GITHUB_WORKSPACE || process.cwd());
}

/** What runs pull requests' code for a team: what lies in the checkout there may be a proposal. */
const SHARED_MACHINES = [
  'GITHUB_ACTIONS',
  'GITLAB_CI',
  'BUILDKITE',
  'CIRCLECI',
  'JENKINS_URL',
  'TEAMCITY_VERSION',
  'TF_BUILD',
  'BITBUCKET_BUILD_NUMBER',
  'CODEBUILD_BUILD_ID',
] as const;

export function isSharedMachine(environment: Environment): boolean {
  return SHARED_MACHINES.some((name) => environment[name]);
}

/** As systems have it: a chain of more links is a circle. */
const MOST_LINKS = 40;

/**
 * Where a path within the workspace leads, if that is out of it: a symbolic link that came with the checkout would have us read
 * or write there. A path that was named outside is where its user wants it. Links are read, never followed: whether there is
 * anything where they lead must make no difference.
 * @returns null where it stays within
 */
export async function ledAstray(path: string, workspace = workspaceOf()): Promise<string | null> {
  const root = await realpath(workspace).catch(() => workspace);
  const within = (place: string) => [workspace, root].find((one) => isWithin(one, place));
  const named = resolve(workspace, path);
  const top = within(named);
  if (top === undefined) return null;
  let here = root;
  let links = 0;
  const ahead = parts(relative(top, named));
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    const next = join(here, part);
    if (!isWithin(root, next)) return next;
    const target = await readlink(next).catch(() => null);
    if (target === null) {
      here = next;
      continue;
    }
    links += 1;
    const from = isAbsolute(target) ? within(target) : here;
    if (from === undefined || links > MOST_LINKS) return target;
    // Part by part: ".." after a link leads up from where that points.
    ahead.unshift(...(isAbsolute(target) ? parts(relative(from, target)) : parts(target)));
    if (isAbsolute(target)) here = root;
  }
  return null;
}

/** @throws ConfigError where a path that somebody proposes may lead out of the checkout, whatever lies there */
export async function refuseLinkOut(path: string, environment: Environment = process.env): Promise<void> {
  if (!isSharedMachine(environment)) return;
  if ((await ledAstray(resolve(path), workspaceOf(environment))) === null) return;
  throw new ConfigError(
    'config.path',
    `${JSON.stringify(path)}: a symbolic link leads out of the checkout there, and such links are not followed. Put the file itself into the checkout, or name it where it lies`,
  );
}

function parts(path: string): string[] {
  return path.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}
