import type { Logger } from '../core/log.js';
import { apiFailure } from './api-error.js';
import { type Marker, movedMarker, ofThisGate, parseMarker } from './comment-marker.js';
import type { CommentContent, Conversation, PublishedComment, Repository } from './conversation.js';
import { ownNames, unsureNotice } from './own-login.js';

export interface OwnComment extends PublishedComment {
  readonly marker: Marker;
}

interface Listed extends OwnComment {
  readonly author: string;
  /** Whether the marker isn't where we write it. */
  readonly moved: boolean;
}

/** Our comments of this gate, oldest first: the marker comes first in them, or names the comment itself, and we wrote them. */
export async function findOwn(conversation: Conversation, content: CommentContent, log: Logger): Promise<OwnComment[]> {
  const { marker: now, formerKey = null } = content;
  const { client, issue } = conversation;
  const parameters = { ...place(conversation), issue_number: issue, per_page: 100 };
  const comments = await client.paginate(client.rest.issues.listComments, parameters);
  const marked = comments.flatMap((comment): Listed[] => {
    const body = comment.body ?? '';
    const first = parseMarker(body);
    const marker = first ?? movedMarker(body);
    if (marker === null || ![now.key, formerKey].includes(marker.key)) return [];
    const author = comment.user?.login ?? '';
    return [{ id: comment.id, url: comment.html_url, marker, author, moved: first === null }];
  });
  const recalled = await recall(conversation, content, marked);
  if (marked.length === 0) return recalled;
  const names = await ownNames(client);
  const notice = unsureNotice(
    names,
    'comments',
    marked.map(({ author }) => author),
  );
  if (notice !== null) log.notice(notice);
  const ours = marked.filter(({ author }) => names.isOurs(author)).sort((one, other) => one.id - other.id);
  const found = recalled.length > 0 ? ours.filter(({ moved }) => !moved) : told(ours, log);
  return ofThisGate([...recalled, ...found], now);
}

/** A marker that was moved tells our comment only where it names it; elsewhere it may be a copy that a bot of our name made. */
function told(found: readonly Listed[], log: Logger): Listed[] {
  const sure = found.filter(({ moved, marker, id }) => !moved || marker.id === id);
  const edited = found.find(({ moved }) => moved);
  if (sure.length === 0 && edited) {
    log.notice(
      `A comment bears this gate's marker, but not in its first line: somebody edited it, or a bot put something before it (${edited.url}). It is left as it is, and another one is written: delete it, or have the marker begin it again.`,
    );
  }
  return sure;
}

/** The comment that this run wrote before, whatever has become of its text; nothing where the list has it. */
async function recall(
  conversation: Conversation,
  { marker: now, known = null }: CommentContent,
  listed: readonly Listed[],
): Promise<OwnComment[]> {
  if (known === null) return [];
  const { id } = known;
  if (listed.some((one) => one.id === id && one.marker.key === now.key && (!one.moved || one.marker.id === id)))
    return [];
  const found = await read(conversation, id);
  const marker = markerIn(found?.body, id) ?? known.marker;
  // Another gate may have taken it over.
  return found === null || marker.key !== now.key ? [] : [{ id, url: found.html_url, marker }];
}

/** The comment as it stands now; null when it is gone, or another gate has taken it over. */
export async function reread(conversation: Conversation, comment: OwnComment, now: Marker): Promise<OwnComment | null> {
  const current = await read(conversation, comment.id);
  if (current === null) return null;
  const marker = markerIn(current.body, comment.id) ?? comment.marker;
  const isTaken = marker.key !== now.key && (marker.key !== comment.marker.key || marker.runId >= now.runId);
  return isTaken ? null : { ...comment, marker };
}

/** The marker of the comment of this number, wherever it stands in it. */
export function markerIn(body: string | undefined, id: number): Marker | null {
  const moved = movedMarker(body ?? '');
  return parseMarker(body ?? '') ?? (moved?.id === id ? moved : null);
}

async function read(conversation: Conversation, id: number) {
  const { issues } = conversation.client.rest;
  const found = await issues.getComment({ ...place(conversation), comment_id: id }).catch(nullIfGone);
  return found?.data ?? null;
}

export function nullIfGone(error: unknown): null {
  if ([404, 410].includes(apiFailure(error)?.status ?? 0)) return null;
  throw error;
}

export function place({ owner, repo }: Repository) {
  return { owner, repo };
}
