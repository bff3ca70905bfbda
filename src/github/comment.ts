import type { Logger } from '../log.js';
import { COMMENT_MAX_BYTES } from '../report/comment.js';
import type { GithubClient } from './client.js';
import { apiFailure, describeFailure, isDenied } from './failure.js';
import { isNewer, type Marker, ofThisGate, parseMarker } from './marker.js';
import { ownLogins } from './own-login.js';

export interface Repository {
  readonly client: GithubClient;
  readonly owner: string;
  readonly repo: string;
}

/** One pull request's conversation. */
export interface Conversation extends Repository {
  readonly issue: number;
}

export interface CommentContent {
  readonly marker: Marker;
  /** Under which key an earlier version wrote this gate's comment, `formerKey`; null for none. */
  readonly formerKey: string | null;
  /** The text, marker first, in at most so many UTF-8 bytes. */
  readonly render: (maxBytes: number) => string;
  /** False: an existing comment is updated, but none is created. */
  readonly create: boolean;
}

export interface PublishedComment {
  readonly id: number;
  readonly url: string;
}

/** UTF-8 bytes: the limit, and what is tried when GitHub still says "too long". */
const SIZES = [COMMENT_MAX_BYTES, 30_000, 8_000];

interface OwnComment extends PublishedComment {
  readonly marker: Marker;
}

/**
 * Writes the gate's one comment: updates ours, else creates it; deletes duplicates of ours; leaves a newer run's alone.
 * Best effort: whatever goes wrong is a warning, null is returned and the verdict stands.
 */
export async function publishComment(
  converse: () => Promise<Conversation>,
  content: CommentContent,
  log: Logger,
): Promise<PublishedComment | null> {
  try {
    const conversation = await converse();
    const own = await findOwn(conversation, content);
    const newer = own.find(({ marker }) => isNewer(marker, content.marker));
    return newer ? leave(newer, log) : await write(conversation, content, own, log);
  } catch (error) {
    log.warning(commentAdvice(error));
    return null;
  }
}

function leave(newer: OwnComment, log: Logger): OwnComment {
  log.info(`The comment is by a newer run (${newer.marker.runId}) and was left as it is: ${newer.url}`);
  return newer;
}

async function write(
  conversation: Conversation,
  content: CommentContent,
  [first, ...duplicates]: readonly OwnComment[],
  log: Logger,
): Promise<PublishedComment | null> {
  // Listing takes a while in a long conversation; somebody may have deleted it since, or a newer run written into it.
  const existing = first ? await reread(conversation, first, content.marker) : null;
  if (existing && isNewer(existing.marker, content.marker)) return leave(existing, log);
  if (!existing && !content.create) return null;
  const written = await writeShorter(SIZES, (maxBytes) => save(conversation, existing, content.render(maxBytes)));
  await remove(conversation, duplicates, log);
  return existing ? written : settleRace(conversation, content, written, log);
}

/** Two runs that found no comment both create one: the newer run's stays. */
async function settleRace(
  conversation: Conversation,
  content: CommentContent,
  written: PublishedComment,
  log: Logger,
): Promise<PublishedComment> {
  const own = await findOwn(conversation, content);
  const newest = own.reduce<OwnComment | null>(
    (best, one) => (best === null || isNewer(one.marker, best.marker) ? one : best),
    null,
  );
  const others = own.filter((one) => one !== newest);
  await remove(conversation, others, log);
  return newest && others.some(({ id }) => id === written.id) ? leave(newest, log) : written;
}

async function remove(conversation: Conversation, comments: readonly OwnComment[], log: Logger): Promise<void> {
  for (const { id } of comments) {
    await conversation.client.rest.issues
      .deleteComment({ ...place(conversation), comment_id: id })
      .catch((error: unknown) =>
        log.debug(`a duplicate of the comment could not be deleted: ${describeFailure(error)}`),
      );
  }
}

/** The comment as it stands now; null when it is gone, or another gate has taken it over. */
async function reread(conversation: Conversation, comment: OwnComment, now: Marker): Promise<OwnComment | null> {
  const { issues } = conversation.client.rest;
  const current = await issues.getComment({ ...place(conversation), comment_id: comment.id }).catch(nullIfGone);
  if (current === null) return null;
  const marker = parseMarker(current.data.body ?? '') ?? comment.marker;
  const isTaken = marker.key !== now.key && (marker.key !== comment.marker.key || marker.runId >= now.runId);
  return isTaken ? null : { ...comment, marker };
}

function nullIfGone(error: unknown): null {
  if ([404, 410].includes(apiFailure(error)?.status ?? 0)) return null;
  throw error;
}

async function writeShorter(
  [maxBytes = 0, ...smaller]: readonly number[],
  attempt: (maxBytes: number) => Promise<PublishedComment>,
): Promise<PublishedComment> {
  try {
    return await attempt(maxBytes);
  } catch (error) {
    if (apiFailure(error)?.status !== 422 || smaller.length === 0) throw error;
    return writeShorter(smaller, attempt);
  }
}

async function save(conversation: Conversation, existing: OwnComment | null, body: string): Promise<PublishedComment> {
  const { issues } = conversation.client.rest;
  const updated = existing
    ? await issues.updateComment({ ...place(conversation), comment_id: existing.id, body }).catch(nullIfGone)
    : null;
  const { data } =
    updated ?? (await issues.createComment({ ...place(conversation), issue_number: conversation.issue, body }));
  return { id: data.id, url: data.html_url };
}

/** Our comments of this gate, oldest first: the marker comes first in them, and we wrote them. */
async function findOwn(
  conversation: Conversation,
  { marker: wanted, formerKey }: CommentContent,
): Promise<OwnComment[]> {
  const { client, issue } = conversation;
  const parameters = { ...place(conversation), issue_number: issue, per_page: 100 };
  const comments = await client.paginate(client.rest.issues.listComments, parameters);
  const marked = comments.flatMap((comment) => {
    const marker = parseMarker(comment.body ?? '');
    return marker && [wanted.key, formerKey].includes(marker.key)
      ? [{ id: comment.id, url: comment.html_url, marker, author: comment.user?.login ?? '' }]
      : [];
  });
  if (marked.length === 0) return [];
  const authors = await ownLogins(client);
  const found = marked.filter(({ author }) => authors.includes(author)).sort((one, other) => one.id - other.id);
  return ofThisGate(found, wanted);
}

/** What a post step may still say of a run that never came to a verdict. */
export async function settleComment(
  repository: Repository,
  id: number,
  settled: (marker: Marker) => string | null,
): Promise<void> {
  const { issues } = repository.client.rest;
  const { data } = await issues.getComment({ ...place(repository), comment_id: id });
  const marker = parseMarker(data.body ?? '');
  const body = marker && settled(marker);
  if (body) await issues.updateComment({ ...place(repository), comment_id: id, body });
}

function place({ owner, repo }: Repository) {
  return { owner, repo };
}

function commentAdvice(error: unknown): string {
  const problem = `The comment on the pull request could not be written (${describeFailure(error)}); the verdict stands.`;
  const failure = apiFailure(error);
  if (failure?.status === 410) return `${problem} The pull request is gone or locked; the job summary has the report.`;
  if (failure?.status === 422) return `${problem} GitHub refused its text; the job summary has all of it.`;
  if (!isDenied(failure)) return problem;
  const gone = failure?.status === 404 ? 'Either the pull request is gone, or the' : 'The';
  return (
    `${problem} ${gone} job's token lacks a permission: add \`pull-requests: write\` under \`permissions:\` of the job. ` +
    'On pull requests from forks and by Dependabot the token stays read-only; there the job summary has the report, or set `comment: never`.'
  );
}
