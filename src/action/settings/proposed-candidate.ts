import {
  type CandidateFile,
  type CandidateRules,
  candidateAt,
  candidateInCheckout,
  noSuchFile,
  type ProposedCandidate,
} from '../../config/candidate-file.js';
import { ConfigError } from '../../core/errors.js';
import type { RepositoryReader, Revision } from '../../github/contents.js';
import type { GateEvent } from '../event/event.js';

export interface ProposalRequest {
  readonly event: GateEvent;
  /** GITHUB_REPOSITORY */
  readonly repository: string;
  readonly workspace: string;
  readonly rules: CandidateRules;
  /** A `candidate-digest` of which it is not known that the base has it too: the same name may then mean other weights. */
  readonly digest: string | null;
  readonly reader: () => Promise<RepositoryReader>;
}

/** The candidate that a file of the pull request names. */
export interface Proposal {
  readonly candidate: ProposedCandidate;
  /** Whether it is what was there before: nothing new is proposed. */
  readonly unchanged: boolean;
}

/** A digest as short as this may stand in a file by chance. */
const LEAST_DIGEST = 8;

/**
 * Reads what is proposed at the head; on the default branch itself from the checkout.
 * @throws ConfigError naming file and pointer.
 */
export async function proposedCandidate(file: CandidateFile, request: ProposalRequest): Promise<Proposal> {
  const { event, workspace, rules, repository } = request;
  if (event.inCheckout) return { candidate: await candidateInCheckout(file, workspace, rules), unchanged: false };
  const reader = await request.reader();
  const candidate = await atHead(file, event.head, request, reader);
  const published = await publishedAt(event, repository, reader);
  return { candidate, unchanged: published !== null && (await isAtAll(published, file, candidate, request, reader)) };
}

async function atHead(
  { path, pointer }: CandidateFile,
  head: Revision,
  { repository, rules }: ProposalRequest,
  reader: RepositoryReader,
): Promise<ProposedCandidate> {
  // A fork's commits are known to the repository it was forked from too, where a private fork can't be read.
  const places = head.repository === repository ? [head] : [head, { ...head, repository }];
  for (const revision of places) {
    const text = await reader.readText(path, revision);
    if (text !== null) return candidateAt({ text, what: `${path} at ${head.sha.slice(0, 7)}` }, pointer, rules);
  }
  throw noSuchFile(path, `the head commit ${head.sha.slice(0, 7)} of ${head.repository}`);
}

/**
 * Where the candidate must have been before, for nothing new to be proposed. On its way to the default branch that is the
 * commit at which the change began: what moved on there since is not the change's doing. On its way elsewhere it is the
 * default branch's tip too: else whoever has a branch of their own could have any head called unchanged.
 */
async function publishedAt(
  { base, baseBranch, head, defaultBranch, queued, name }: GateEvent,
  repository: string,
  reader: RepositoryReader,
): Promise<readonly Revision[] | null> {
  if (base === null) return null;
  // A merge group lies upon its base; and what is no answer leaves the stricter rule.
  const linear = queued !== null || name === 'merge_group';
  const began = linear ? base.sha : await reader.mergeBase(repository, base.sha, head.sha).catch(() => null);
  const trunk = defaultBranch ?? (await reader.defaultBranch(repository));
  const from = { sha: began ?? base.sha, repository };
  return began !== null && baseBranch === trunk ? [from] : [from, await reader.branchTip(repository, trunk)];
}

async function isAtAll(
  revisions: readonly Revision[],
  { path, pointer }: CandidateFile,
  { identity }: ProposedCandidate,
  { rules, digest }: ProposalRequest,
  reader: RepositoryReader,
): Promise<boolean> {
  for (const revision of revisions) {
    const text = await reader.readText(path, revision);
    if (text === null || !isSameThere(text, pointer, rules, identity) || !holdsDigest(text, digest)) return false;
  }
  return true;
}

/** What has no such value there, or none that can be read, is new. */
function isSameThere(text: string, pointer: string, rules: CandidateRules, identity: string): boolean {
  try {
    return candidateAt({ text, what: 'there' }, pointer, rules).identity === identity;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

function holdsDigest(text: string, digest: string | null): boolean {
  if (digest === null) return true;
  const bare = digest.slice(digest.indexOf(':') + 1);
  return bare.length >= LEAST_DIGEST && text.includes(bare);
}
