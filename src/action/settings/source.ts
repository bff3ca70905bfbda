import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { findSettings } from '../../config/find-settings.js';
import type { CONFIG_FROM, SettingsFile } from '../../config/settings.js';
import { ConfigError, isKnownError } from '../../core/errors.js';
import { readRegularFile } from '../../core/regular-file.js';
import { ledAstray, refuseLinkOut } from '../../core/workspace.js';
import type { RepositoryReader, Revision } from '../../github/contents.js';
import type { GateEvent } from '../event/event.js';

export interface SourceRequest {
  readonly event: GateEvent;
  /** GITHUB_REPOSITORY */
  readonly repository: string;
  /** GITHUB_REF */
  readonly ref: string;
  readonly workspace: string;
  readonly path: string;
  /** Whether the workflow named the path itself. */
  readonly pathGiven: boolean;
  readonly from: (typeof CONFIG_FROM)[number];
  /** Made only when settings are read through the API. @throws ConfigError without a token. */
  readonly reader: () => Promise<RepositoryReader>;
}

/** Where the settings, and with them batteries of a team's own and a recorded baseline, are read. */
export interface SettingsSource {
  /** Null where there is no settings file. */
  readonly file: SettingsFile | null;
  /** Reads a file from where the settings are; null: from the checkout. @throws ConfigError when it isn't there. */
  readonly readText: ((path: string) => Promise<string>) | null;
  /** What the report has to say about it. */
  readonly notes: readonly string[];
  /** Why there may be no settings though the repository has some; null where they were looked for. */
  readonly hint: string | null;
}

/**
 * On pull requests and merge groups author and checkout are not to be trusted with the gate's own settings: they are read
 * through the API at the default branch's tip (or the base commit). Elsewhere from the checkout.
 */
export async function settingsSource(request: SourceRequest): Promise<SettingsSource> {
  if (request.event.inCheckout) return fromCheckout(request, []);
  if (request.from === 'workspace') {
    const note = 'Settings come from the checkout, which the pull request may have changed (config-from: workspace).';
    return fromCheckout(request, [note]);
  }
  const reader = await request.reader();
  const { revision, where } = await trustedRevision(request, reader);
  const file = await findSettings({
    path: request.path,
    pathGiven: request.pathGiven,
    where,
    trusted: request.from === 'default-branch',
    read: (path) => reader.readText(path, revision),
  });
  return {
    file,
    readText: (path) => readTrusted(reader, path, revision, where),
    notes: file === null ? [await absenceNote(request, where)] : [],
    hint: null,
  };
}

async function trustedRevision(
  { event, from, repository }: SourceRequest,
  reader: RepositoryReader,
): Promise<{ revision: Revision; where: string }> {
  if (from === 'base') {
    if (event.base) return { revision: event.base, where: `base commit ${event.base.sha.slice(0, 7)}` };
    throw new ConfigError(
      'config.config-from',
      `config-from: base, but the event ${event.name} names no base commit; use default-branch`,
    );
  }
  const branch = event.defaultBranch ?? (await reader.defaultBranch(repository));
  // Its answer proves that the token may read here: what is then not found is really absent.
  return { revision: await reader.branchTip(repository, branch), where: `default branch ${branch}` };
}

async function readTrusted(reader: RepositoryReader, path: string, revision: Revision, where: string): Promise<string> {
  const text = await reader.readText(path, revision);
  if (text !== null) return text;
  throw new ConfigError(
    'config.path',
    `${path}: no such file on the ${where}, where settings are read on pull requests; merge it there first, or set config-from`,
  );
}

async function absenceNote({ workspace, path }: SourceRequest, where: string): Promise<string> {
  const place = resolve(workspace, path);
  // A link out of the checkout is one that was added, whether or not there is a file where it leads.
  const isThere = (await ledAstray(place, workspace)) !== null || existsSync(place);
  const added = isThere ? ', even though the pull request adds one' : '';
  return `There is no settings file ${path} on the ${where}: inputs and defaults hold${added}.`;
}

/** Whether the checkout of this event is the default branch's. */
function isOfDefaultBranch({ event, ref }: SourceRequest): boolean {
  if (event.proposed) return false;
  return event.name === 'schedule' || (event.defaultBranch !== null && ref === `refs/heads/${event.defaultBranch}`);
}

async function fromCheckout(request: SourceRequest, notes: readonly string[]): Promise<SettingsSource> {
  const { workspace, path, pathGiven } = request;
  const trusted = isOfDefaultBranch(request);
  const read = (name: string) => readHere(workspace, name);
  const file = await findSettings({ path, pathGiven, where: 'checkout', trusted, read });
  if (file !== null) return { file, readText: null, notes, hint: null };
  if (pathGiven) {
    throw new ConfigError(
      'config.config',
      `config: ${path} can't be read from the checkout (ENOENT). Is the repository checked out (actions/checkout)?`,
    );
  }
  if (existsSync(resolve(workspace, '.git'))) return { file, readText: null, notes, hint: null };
  const hint = `No settings file ${path} was found, and the workspace is no checkout: where the repository has one, let actions/checkout run before the gate.`;
  return { file, readText: null, notes: [...notes, hint], hint };
}

/** Null where there is none. */
async function readHere(workspace: string, path: string): Promise<string | null> {
  await refuseLinkOut(resolve(workspace, path));
  try {
    return (await readRegularFile(resolve(workspace, path))).toString('utf8');
  } catch (error) {
    if (isKnownError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new ConfigError(
      'config.config',
      `config: ${path} can't be read from the checkout (${code}). Is the repository checked out (actions/checkout)?`,
    );
  }
}
