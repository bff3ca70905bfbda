import type { Report } from '../report.js';
import { VERDICT_WORDS } from '../wording.js';
import { type CommentOptions, checkedMarker, linkLine, reasonUrls } from './comment-body.js';
import { fitted } from './fit-to-size.js';
import { html, paragraph, serialise, strong } from './mdast.js';
import { prose } from './prose.js';
import { footer } from './report-markdown.js';

type IssueOptions = Pick<CommentOptions, 'maxBytes' | 'marker' | 'links'>;

/** The tracking issue of a gate that fails on its schedule. No worst answers: an issue is mailed to every watcher. */
export function renderIssue(report: Report, { maxBytes, marker, links }: IssueOptions): string {
  const kept =
    'The gate keeps this issue: it stays open while scheduled runs fail, shows the last of them, and is closed by the next pass.';
  return fitted(report, {
    excerpts: [],
    maxBytes,
    before: [html(checkedMarker(marker)), paragraph(kept)],
    after: [...linkLine(links), footer(report)],
    extras: { status: [], reasonUrl: reasonUrls(links) },
  });
}

/** What is said in it of a run that does not fail. */
export function renderIssueRemark(report: Report, links: CommentOptions['links']): string {
  const closing =
    report.verdict === 'pass'
      ? 'The gate passes again.'
      : 'This run came to no verdict; the issue stays open until one passes.';
  return serialise([
    paragraph(strong(`${VERDICT_WORDS[report.verdict]}.`), { type: 'text', value: ` ${closing}` }),
    paragraph(prose(report.headline)),
    ...linkLine(links),
  ]);
}

/** Characters of a model's name in a title. */
const NAME_LIMIT = 80;

/** A title takes no code: of a name only letters, digits and what joins them are kept. */
export function issueTitle({ candidate }: Report): string {
  const name = (candidate?.reference ?? '')
    .replaceAll(/[^\p{L}\p{N}._/-]+/gu, ' ')
    .trim()
    .slice(0, NAME_LIMIT);
  return name === '' ? 'Misalignment gate: scheduled run fails' : `Misalignment gate: ${name} fails its scheduled run`;
}
