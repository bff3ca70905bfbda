import type { GithubClient } from './client.js';
import type { Marker } from './comment-marker.js';

export interface Repository {
  readonly client: GithubClient;
  readonly owner: string;
  readonly repo: string;
}

/** One pull request's conversation. */
export interface Conversation extends Repository {
  readonly issue: number;
  /** Whether it is known to be locked. */
  readonly locked?: boolean;
}

/** A comment by its number, and the marker that was written into it. */
export interface KnownComment {
  readonly id: number;
  readonly marker: Marker;
}

export interface CommentContent {
  readonly marker: Marker;
  /** Under which key an earlier version wrote this gate's comment, `formerKey`. */
  readonly formerKey?: string | null;
  /** The comment that this run wrote before. */
  readonly known?: KnownComment | null;
  /** The text, marker first, in at most so many UTF-8 bytes; `earlier` is the marker of what it replaces. */
  readonly render: (maxBytes: number, earlier?: Marker | null) => string;
  /** Whether its key is this gate's alone: it has no `comment-key`. */
  readonly exclusive?: boolean;
  /** Whether its marker is to name the comment, so that it is told from copies wherever an edit puts it. */
  readonly numbered?: boolean;
  /** False: an existing comment is updated, but none is created. */
  readonly create: boolean;
}

export interface PublishedComment {
  readonly id: number;
  readonly url: string;
}
