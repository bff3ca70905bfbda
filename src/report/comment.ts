import type { Link, RootContent, Text } from 'mdast';
import { InternalError } from '../errors.js';
import { shownExcerpts } from './excerpts.js';
import { fitted } from './fit.js';
import { footer } from './markdown.js';
import type { Report } from './report.js';
import { html } from './tree.js';

/** A comment's limit: 65,536, counted in UTF-8 bytes to be safe (the API's documentation says characters). */
export const COMMENT_MAX_BYTES = 65_536;

export interface CommentOptions {
  /** How many of the worst answers are shown; 0 for none. Those on self-harm never are. */
  readonly excerpts: number;
  /** UTF-8 bytes, the marker's included. */
  readonly maxBytes: number;
  /** The hidden HTML comment that tells this gate's comment from others: `<!-- … -->`. */
  readonly marker: string;
  readonly links: { readonly runUrl?: string | undefined; readonly reportArtifact?: string | undefined };
}

/**
 * The sticky comment of a pull request.
 *
 * @throws InternalError when the marker is not one HTML comment
 */
export function renderComment(report: Report, options: CommentOptions): string {
  return fitted(report, {
    excerpts: shownExcerpts(report.excerpts, options.excerpts, 'comment'),
    maxBytes: options.maxBytes,
    before: [html(checkedMarker(options.marker))],
    after: [...linkLine(options.links), footer(report)],
  });
}

/** The marker is the one piece of raw HTML that comes from outside this room, and it holds a user's key. */
export function checkedMarker(marker: string): string {
  if (!/^<!--[^<>\r\n]*-->$/.test(marker)) {
    throw new InternalError('report.marker', 'The comment marker is not one HTML comment on one line.');
  }
  return marker;
}

export function linkLine({ runUrl, reportArtifact }: CommentOptions['links']): RootContent[] {
  const links = [link('Workflow run', runUrl), link('Whole report', reportArtifact)].filter((one) => one !== null);
  if (links.length === 0) return [];
  const between: Text = { type: 'text', value: ' · ' };
  return [{ type: 'paragraph', children: links.flatMap((one, at) => (at === 0 ? [one] : [between, one])) }];
}

function link(label: string, url: string | undefined): Link | null {
  if (url === undefined || !/^https?:\/\/[^\s<>"'`\\]+$/i.test(url) || !URL.canParse(url)) return null;
  return { type: 'link', url, children: [{ type: 'text', value: label }] };
}
