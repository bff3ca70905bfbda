import { type CandidateFile, candidateAt, candidateInCheckout, noSuchFile } from '../config/candidate-file.js';
import { ConfigError } from '../errors.js';
import type { RepositoryReader, Revision } from '../github/contents.js';
import type { GateEvent } from './event.js';

export interface ProposalRequest {
  readonly event: GateEvent;
  /** GITHUB_REPOSITORY */
  readonly repository: string;
  readonly workspace: string;
  readonly reader: () => Promise<RepositoryReader>;
}

/** The candidate that a file of the pull request names. */
export interface Proposal {
  readonly reference: string;
  /** Whether the same name stands there at the pull request's base: nothing new is proposed. */
  readonly unchanged: boolean;
}

/**
 * Reads the one value that comes from what is proposed: at its head, elsewhere from the checkout.
 * @throws ConfigError naming file and pointer.
 */
export async function proposedCandidate(file: CandidateFile, request: ProposalRequest): Promise<Proposal> {
  if (!request.event.proposed)
    return { reference: await candidateInCheckout(file, request.workspace), unchanged: false };
  const reader = await request.reader();
  const { head, base } = request.event;
  const reference = await atHead(file, head, request.repository, reader);
  return { reference, unchanged: base !== null && reference === (await atBase(file, base, reader)) };
}

async function atHead(
  { path, pointer }: CandidateFile,
  head: Revision,
  repository: string,
  reader: RepositoryReader,
): Promise<string> {
  // A fork's commits are known to the repository it was forked from too, where a private fork can't be read.
  const places = head.repository === repository ? [head] : [head, { ...head, repository }];
  for (const revision of places) {
    const text = await reader.readText(path, revision);
    if (text !== null) return candidateAt({ text, what: `${path} at ${head.sha.slice(0, 7)}` }, pointer);
  }
  throw noSuchFile(path, `the head commit ${head.sha.slice(0, 7)} of ${head.repository}`);
}

/** Null where the base has no such value, or none that can be read: then what is proposed is new. */
async function atBase(
  { path, pointer }: CandidateFile,
  base: Revision,
  reader: RepositoryReader,
): Promise<string | null> {
  const text = await reader.readText(path, base);
  if (text === null) return null;
  try {
    return candidateAt({ text, what: path }, pointer);
  } catch (error) {
    if (error instanceof ConfigError) return null;
    throw error;
  }
}
