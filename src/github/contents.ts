import { posix } from 'node:path';
import { Ajv } from 'ajv';
import { ConfigError, PermissionError, ProviderError } from '../core/errors.js';
import { textOf } from '../core/text-bytes.js';
import { apiFailure, describeFailure, isDenied, remedyOf } from './api-error.js';
import type { GithubClient } from './client.js';

/** A commit and the repository (`owner/name`) to read it from. */
export interface Revision {
  readonly sha: string;
  readonly repository: string;
}

/** Reads a repository through the API, so that no checkout, which a pull request may have shaped, has a say. */
export interface RepositoryReader {
  /** The name of the repository's default branch. */
  defaultBranch(repository: string): Promise<string>;
  /** The commit a branch is at now. Success proves that the token may read: a file missing there is then really missing. */
  branchTip(repository: string, branch: string): Promise<Revision>;
  /** The commit at which a head branched off from a base. @throws whatever `get` does */
  mergeBase(repository: string, base: string, head: string): Promise<string>;
  /** A file's text; null where the revision has no such file. */
  readText(path: string, revision: Revision): Promise<string | null>;
}

interface FileEntry {
  readonly type: 'file';
  readonly sha: string;
  readonly size: number;
  readonly encoding: string;
  readonly content: string;
}

const ajv = new Ajv();
const text = { type: 'string' } as const;
const isRepository = ajv.compile<{ default_branch: string }>({
  type: 'object',
  required: ['default_branch'],
  properties: { default_branch: text },
});
const isBranch = ajv.compile<{ commit: { sha: string } }>({
  type: 'object',
  required: ['commit'],
  properties: {
    commit: {
      type: 'object',
      required: ['sha'],
      properties: { sha: { type: 'string', pattern: '^[0-9a-f]{40,64}$' } },
    },
  },
});
const isComparison = ajv.compile<{ merge_base_commit: { sha: string } }>({
  type: 'object',
  required: ['merge_base_commit'],
  properties: {
    merge_base_commit: {
      type: 'object',
      required: ['sha'],
      properties: { sha: { type: 'string', pattern: '^[0-9a-f]{40,64}$' } },
    },
  },
});
const isFileEntry = ajv.compile<FileEntry>({
  type: 'object',
  required: ['type', 'sha', 'size', 'encoding', 'content'],
  properties: { type: { const: 'file' }, sha: text, size: { type: 'integer' }, encoding: text, content: text },
});
const isBlob = ajv.compile<{ encoding: 'base64'; content: string }>({
  type: 'object',
  required: ['encoding', 'content'],
  properties: { encoding: { const: 'base64' }, content: text },
});

const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

export function repositoryReader(client: GithubClient): RepositoryReader {
  return {
    async defaultBranch(repository) {
      const data = await get(client, `/repos/${repository}`, `the repository ${repository}`);
      if (isRepository(data)) return data.default_branch;
      throw unexpected(`the repository ${repository}`);
    },
    async branchTip(repository, branch) {
      const what = `the branch ${branch} of ${repository}`;
      const data = await get(client, `/repos/${repository}/branches/${encodePath(branch)}`, what);
      if (isBranch(data)) return { repository, sha: data.commit.sha };
      throw unexpected(what);
    },
    async mergeBase(repository, base, head) {
      const what = `where ${head.slice(0, 7)} branched off from ${base.slice(0, 7)}`;
      const data = await get(client, `/repos/${repository}/compare/${base}...${head}?per_page=1`, what);
      if (isComparison(data)) return data.merge_base_commit.sha;
      throw unexpected(what);
    },
    readText: (path, revision) => readText(client, repositoryPath(path), revision),
  };
}

/**
 * A path as the API takes it.
 * @throws ConfigError for one that leaves the repository.
 */
export function repositoryPath(path: string): string {
  // Git's paths have slashes on every system.
  const normal = posix.normalize(path.replaceAll('\\', '/'));
  if (!posix.isAbsolute(normal) && normal !== '..' && !normal.startsWith('../')) return normal;
  throw new ConfigError(
    'config.path',
    `${path}: not a path inside the repository. On a pull request settings are read through the API; give the path from the repository's top`,
  );
}

async function readText(client: GithubClient, path: string, revision: Revision): Promise<string | null> {
  const what = `${path} at ${revision.sha.slice(0, 7)} of ${revision.repository}`;
  const route = `/repos/${revision.repository}/contents/${encodePath(path)}?ref=${revision.sha}`;
  const data = await get(client, route, what).catch((error: unknown) => {
    if (error instanceof NotFound) return null;
    throw error;
  });
  if (data === null) return null;
  if (!isFileEntry(data)) throw new ConfigError('config.path', `${what}: not a file`);
  return decode(await bytesOf(client, data, what, revision), what);
}

async function bytesOf(client: GithubClient, entry: FileEntry, what: string, revision: Revision): Promise<Buffer> {
  if (entry.encoding === 'base64') return Buffer.from(entry.content, 'base64');
  // Above 1 MB the contents API leaves the content out.
  const blob = await get(client, `/repos/${revision.repository}/git/blobs/${entry.sha}`, what);
  if (isBlob(blob)) return Buffer.from(blob.content, 'base64');
  throw unexpected(what);
}

function decode(bytes: Buffer, what: string): string {
  const decoded = textOf(bytes, what).replace(/^\ufeff/, '');
  if (!decoded.startsWith(LFS_POINTER)) return decoded;
  throw new ConfigError(
    'config.lfs',
    `${what}: a Git LFS pointer, not the file itself; keep settings out of LFS (.gitattributes)`,
  );
}

/** GitHub's 404: absent, or hidden from this token. */
class NotFound extends PermissionError {}

async function get(client: GithubClient, route: string, what: string): Promise<unknown> {
  try {
    const response = await client.request(`GET ${route}`);
    return response.data;
  } catch (error) {
    const failure = apiFailure(error);
    if (!isDenied(failure)) {
      throw new ProviderError('github.unreachable', `GitHub did not give ${what} (${describeFailure(error)})`);
    }
    const Kind = failure?.status === 404 ? NotFound : PermissionError;
    const permission = "Give the job's token the permission: `permissions: contents: read`";
    throw new Kind(
      'github.permission',
      `can't read ${what} (${describeFailure(error)}).${remedyOf(error, permission)}`,
    );
  }
}

function unexpected(what: string): ProviderError {
  return new ProviderError('github.answer', `GitHub's answer about ${what} is not what its API describes`);
}

/** Segment by segment; braces are encoded too, which Octokit would take for a template. */
function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
