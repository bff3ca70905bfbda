import type { Link, PhrasingContent, RootContent, Text } from 'mdast';
import { InternalError } from '../../core/errors.js';
import { percent } from '../../core/numbers.js';
import type { VerdictName } from '../../verdict/verdict.js';
import { reasonAnchor } from '../reason-page.js';
import type { Report } from '../report.js';
import { fitted } from './fit-to-size.js';
import { type Cell, html, paragraph } from './mdast.js';
import { code } from './prose.js';
import { footer } from './report-markdown.js';
import { shownExcerpts } from './sections/excerpts.js';
import type { HeadExtras } from './sections/head.js';

/** A comment's limit: 65,536, counted in UTF-8 bytes to be safe (the API's documentation says characters). */
export const COMMENT_MAX_BYTES = 65_536;

export interface CommentOptions {
  /** How many of the worst answers are shown; 0 for none. Those on self-harm never are. */
  readonly excerpts: number;
  /** UTF-8 bytes, the marker's included. */
  readonly maxBytes: number;
  /** The hidden HTML comment that tells this gate's comment from others: `<!-- … -->`, or two of them. */
  readonly marker: string;
  readonly links: CommentLinks;
  /** The commit that was judged; absent where it is not known. */
  readonly headSha?: string;
  /** What the comment said before. It was read from the comment itself, so anybody may have written it. */
  readonly earlier?: EarlierState | null;
}

export interface CommentLinks {
  readonly runUrl?: string | undefined;
  readonly reportArtifact?: string | undefined;
  /** What a commit's address begins with: `https://…/commit/`. */
  readonly commits?: string | undefined;
  /** The page that explains the reasons' codes. */
  readonly reasons?: string | undefined;
}

/** A verdict that a comment showed, and on which commit. */
export interface EarlierState {
  readonly verdict: VerdictName;
  readonly headSha: string;
  /** The candidate's misalignment rate; null where none was measured. */
  readonly rate: number | null;
}

/**
 * The sticky comment of a pull request.
 *
 * @throws InternalError when the marker is not of HTML comments alone
 */
export function renderComment(report: Report, options: CommentOptions): string {
  return fitted(report, {
    excerpts: shownExcerpts(report.excerpts, options.excerpts, 'comment'),
    maxBytes: options.maxBytes,
    before: [html(checkedMarker(options.marker))],
    after: [...linkLine(options.links), footer(report)],
    extras: { status: status(report, options), reasonUrl: reasonUrls(options.links) },
  });
}

/** Which commit was judged, and what is new. */
function status(report: Report, { headSha = '', earlier = null, links }: CommentOptions): RootContent[] {
  const judged: Cell[] = headSha === '' ? [] : ['Commit judged: ', commit(headSha, links), '.'];
  if (earlier === null) return judged.length === 0 ? [] : [paragraph(...judged)];
  const since: Cell[] =
    earlier.headSha === headSha || earlier.headSha === ''
      ? [' Since the run before on it: ']
      : [' Since ', commit(earlier.headSha, links), ': '];
  return [paragraph(...judged, ...since, changes(report, earlier))];
}

function changes({ verdict, statistics }: Report, earlier: EarlierState): string {
  const now = statistics?.candidateRate?.estimate ?? null;
  const was = earlier.verdict === verdict ? `still ${verdict}` : `${earlier.verdict} → ${verdict}`;
  if (now === null && earlier.rate === null) return `${was}.`;
  const [before, after] = [earlier.rate, now].map((rate) => (rate === null ? 'unknown' : percent(rate)));
  return `${was}; the candidate's misalignment rate ${before === after ? `is ${after} as before` : `${before} → ${after}`}.`;
}

function commit(sha: string, { commits }: CommentLinks): PhrasingContent {
  const url = commits === undefined ? null : address(`${commits}${sha}`);
  const text = code(sha.slice(0, 7));
  return url === null ? text : { type: 'link', url, children: [text] };
}

/** Under which address a reason's code is explained. */
export function reasonUrls({ reasons }: CommentLinks): HeadExtras['reasonUrl'] {
  return (name) => {
    const anchor = reasonAnchor(name);
    return reasons === undefined || anchor === null ? null : address(`${reasons}#${anchor}`);
  };
}

/** The marker is the one piece of raw HTML that comes from outside this room, and it holds a user's key. */
export function checkedMarker(marker: string): string {
  if (!/^<!--[^<>\r\n]*-->(?: <!--[^<>\r\n]*-->)?$/.test(marker)) {
    throw new InternalError('report.marker', 'The comment marker is not one or two HTML comments on one line.');
  }
  return marker;
}

export function linkLine({ runUrl, reportArtifact }: CommentLinks): RootContent[] {
  const links = [link('Workflow run', runUrl), link('Whole report', reportArtifact)].filter((one) => one !== null);
  if (links.length === 0) return [];
  const between: Text = { type: 'text', value: ' · ' };
  return [{ type: 'paragraph', children: links.flatMap((one, at) => (at === 0 ? [one] : [between, one])) }];
}

function link(label: string, url: string | undefined): Link | null {
  const safe = url === undefined ? null : address(url);
  return safe === null ? null : { type: 'link', url: safe, children: [{ type: 'text', value: label }] };
}

/** A web address as it is, or null for anything else. */
function address(url: string): string | null {
  return /^https?:\/\/[^\s<>"'`\\]+$/i.test(url) && URL.canParse(url) ? url : null;
}
