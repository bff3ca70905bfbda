import type { Logger } from '../core/log.js';
import { COMMENT_MAX_BYTES } from '../report/markdown/comment-body.js';
import { apiFailure, describeFailure, LOCKED, remedyOf } from './api-error.js';
import { isNewer, type Marker, withNumber } from './comment-marker.js';
import type { CommentContent, Conversation, PublishedComment, Repository } from './conversation.js';
import { findOwn, markerIn, nullIfGone, type OwnComment, place, reread } from './own-comments.js';

/** UTF-8 bytes: the limit, and what is tried when GitHub still says "too long". */
const SIZES = [COMMENT_MAX_BYTES, 30_000, 8_000];

/**
 * Writes the gate's one comment: updates ours, else creates it; deletes duplicates of ours; leaves a newer run's alone.
 * Best effort: whatever goes wrong is a warning, null is returned and the verdict stands.
 */
export async function publishComment(
  converse: () => Promise<Conversation>,
  content: CommentContent,
  log: Logger,
): Promise<PublishedComment | null> {
  let locked = false;
  try {
    const conversation = await converse();
    locked = conversation.locked ?? false;
    const own = await findOwn(conversation, content, log);
    const newer = own.find(({ marker }) => isNewer(marker, content.marker));
    return newer ? leave(newer, log) : await write(conversation, content, own, log);
  } catch (error) {
    log.warning(commentAdvice(error, locked));
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
  if (existing) noteOther(existing, content, log);
  const written = await save(conversation, existing, content, log);
  await remove(conversation, duplicates, log);
  return written.id === existing?.id ? written : settleRace(conversation, content, written, log);
}

/** What stands there already as this very run's verdict is another gate's, which GitHub gives the same names. */
function noteOther({ marker, url }: OwnComment, { marker: now, exclusive = false }: CommentContent, log: Logger): void {
  const { runId, runAttempt, state } = marker;
  if (!exclusive || state === 'running' || runId !== now.runId || runAttempt !== now.runAttempt) return;
  log.notice(
    `The comment holds the verdict (${state}) of another gate of this run, which bears the same names: two steps of one composite action, or jobs that call one workflow. It is written over: give each a comment-key of its own (${url}).`,
  );
}

/** Two runs that found no comment both create one: the newer run's stays. */
async function settleRace(
  conversation: Conversation,
  content: CommentContent,
  written: PublishedComment,
  log: Logger,
): Promise<PublishedComment> {
  // What is to be said of others' comments was said before.
  const own = await findOwn(conversation, content, { ...log, notice: log.debug });
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

async function writeShorter<T>(
  [maxBytes = 0, ...smaller]: readonly number[],
  attempt: (maxBytes: number) => Promise<T>,
): Promise<T> {
  try {
    return await attempt(maxBytes);
  } catch (error) {
    if (apiFailure(error)?.status !== 422 || smaller.length === 0) throw error;
    return writeShorter(smaller, attempt);
  }
}

async function save(
  conversation: Conversation,
  existing: OwnComment | null,
  content: CommentContent,
  log: Logger,
): Promise<PublishedComment> {
  const updated = existing && (await update(conversation, existing, content).catch(nullIfGone));
  if (updated) return updated;
  const { issues } = conversation.client.rest;
  const { data } = await writeShorter(SIZES, (maxBytes) =>
    issues.createComment({
      ...place(conversation),
      ...{ issue_number: conversation.issue, body: content.render(maxBytes) },
    }),
  );
  const created = { id: data.id, url: data.html_url };
  if (!content.numbered) return created;
  // Its number is known only now.
  const body = withNumber(data.body ?? '', created.id);
  await issues
    .updateComment({ ...place(conversation), comment_id: created.id, body })
    .catch((error: unknown) => log.debug(`The comment's marker could not be numbered: ${describeFailure(error)}`));
  return created;
}

async function update(
  conversation: Conversation,
  { id, marker }: OwnComment,
  { render, numbered = false }: CommentContent,
): Promise<PublishedComment> {
  const { issues } = conversation.client.rest;
  const { data } = await writeShorter(SIZES, (maxBytes) => {
    const text = render(maxBytes, marker);
    const body = numbered ? withNumber(text, id) : text;
    return issues.updateComment({ ...place(conversation), comment_id: id, body });
  });
  return { id: data.id, url: data.html_url };
}

/**
 * What a post step may still say of a run that never came to a verdict.
 * @param lost the marker as this run last wrote it, where somebody took it out of the comment; null where a verdict did away with it
 */
export async function settleComment(
  repository: Repository,
  id: number,
  settled: (marker: Marker) => string | null,
  lost: Marker | null = null,
): Promise<void> {
  const { issues } = repository.client.rest;
  const { data } = await issues.getComment({ ...place(repository), comment_id: id });
  const marker = markerIn(data.body, id) ?? lost;
  const body = marker && settled(marker);
  if (body) await issues.updateComment({ ...place(repository), comment_id: id, body });
}

function commentAdvice(error: unknown, locked: boolean): string {
  const problem = `The comment on the pull request could not be written (${describeFailure(error)}); the verdict stands.`;
  const { status = 0 } = apiFailure(error) ?? {};
  if (status === 410) return `${problem} The pull request is gone or locked; the job summary has the report.`;
  const gone = status === 404 ? 'Either the pull request is gone, or the' : 'The';
  const permission =
    `${gone} job's token lacks a permission: add \`pull-requests: write\` under \`permissions:\` of the job. ` +
    'On pull requests from forks and by Dependabot the token stays read-only.';
  const remedy = remedyOf(error, locked ? `${LOCKED} Else: ${permission}` : permission);
  if (remedy !== '')
    return `${problem}${remedy} The job summary has the report; \`comment: never\` does without one here.`;
  return status === 422 ? `${problem} GitHub refused its text; the job summary has all of it.` : problem;
}
