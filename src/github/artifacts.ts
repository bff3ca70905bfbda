import { strFromU8, unzipSync } from 'fflate';
import type { Repository } from './conversation.js';

/** A larger one holds more than reports. */
const MAX_ARTIFACT_BYTES = 64 * 1024 * 1024;
/** Of one file in it, unpacked. */
const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** Downloads for one question. */
const MAX_DOWNLOADS = 10;

export interface ArtifactQuestion {
  /** The commit whose workflow runs are asked. */
  readonly headSha: string;
  /** How the artifacts' names begin. */
  readonly prefix: string;
  /** The file to take out of each, by its name without folders. */
  readonly file: string;
}

/**
 * The texts of a file in the artifacts of a commit's workflow runs, the newest artifact first. Whoever may run a workflow
 * can upload an artifact: nothing in it is to be trusted.
 * @throws Octokit's errors
 */
export async function* artifactFiles(repository: Repository, question: ArtifactQuestion): AsyncGenerator<string> {
  const found = await artifactsOf(repository, question);
  for (const id of found.slice(0, MAX_DOWNLOADS)) {
    const zip = await download(repository, id);
    yield* zip === null ? [] : filesIn(zip, question.file);
  }
}

async function artifactsOf(
  { client, owner, repo }: Repository,
  { headSha, prefix }: ArtifactQuestion,
): Promise<number[]> {
  const runs = await client.paginate(client.rest.actions.listWorkflowRunsForRepo, {
    ...{ owner, repo, head_sha: headSha, per_page: 100 },
  });
  const lists = await Promise.all(
    runs.map(({ id }) =>
      client.paginate(client.rest.actions.listWorkflowRunArtifacts, { owner, repo, run_id: id, per_page: 100 }),
    ),
  );
  return lists
    .flat()
    .filter(({ name, expired, size_in_bytes }) => {
      return name.startsWith(prefix) && !expired && size_in_bytes <= MAX_ARTIFACT_BYTES;
    })
    .sort((one, other) => other.id - one.id)
    .map(({ id }) => id);
}

/** Null for one that is gone meanwhile. GitHub redirects to another host, where the token is not sent. */
async function download({ client, owner, repo }: Repository, id: number): Promise<Uint8Array | null> {
  const place = { owner, repo, artifact_id: id, archive_format: 'zip' } as const;
  const { data } = await client.rest.actions.downloadArtifact(place);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : null;
}

function filesIn(zip: Uint8Array, name: string): string[] {
  try {
    const files = unzipSync(zip, {
      filter: (file) => file.name.split('/').at(-1) === name && file.originalSize <= MAX_FILE_BYTES,
    });
    return Object.values(files).map((bytes) => strFromU8(bytes));
  } catch {
    // No archive, or a broken one: nothing to be found in it.
    return [];
  }
}
