import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { FORMATS, renderFormat } from '../../src/report/formats.js';
import { COMMENT_MAX_BYTES, renderComment } from '../../src/report/markdown/comment-body.js';
import { renderIssue, renderIssueRemark } from '../../src/report/markdown/issue-body.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../src/report/markdown/report-markdown.js';
import type { Report } from '../../src/report/report.js';
import { HOSTILE, poisoned } from './hostile.js';
import { BY_VERDICT, HISTORY } from './samples.js';

/** With everything that a report can hold. */
const FAILED: Report = { ...BY_VERDICT.fail, history: HISTORY };
const MARKER = '<!-- misalignment-gate key=0 -->';
const LINKS = { runUrl: 'https://github.com/octo/models/actions/runs/42' };
const SURFACES: Readonly<Record<string, (report: Report) => string>> = {
  summary: (report) => renderMarkdown(report, { excerpts: 3, maxBytes: SUMMARY_MAX_BYTES }),
  comment: (report) =>
    renderComment(report, {
      excerpts: 3,
      maxBytes: COMMENT_MAX_BYTES,
      marker: MARKER,
      links: LINKS,
    }),
  'tracking issue': (report) => renderIssue(report, { maxBytes: COMMENT_MAX_BYTES, marker: MARKER, links: LINKS }),
};
/** What acts in plain text on GitHub, or hides in it: none of it may stand outside code. */
const ACTIVE =
  /[@＠#$~*_[\]{}\\|`<>&^]|:[\w+-]|:\/\/|www\.|[a-f\d]{7}|GH-|\p{Default_Ignorable_Code_Point}|\p{Extended_Pictographic}/iu;

function tree(markdown: string): Nodes {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
}

/** The tree's node types; text and inline code within one parent count as one run, since they are where words may stand. */
function structure(node: Nodes): unknown {
  if (!('children' in node)) return node.type === 'html' ? ['html', node.value] : node.type;
  const inside = node.children.map((child) => (isWords(child) ? 'words' : structure(child)));
  return [node.type, ...inside.filter((type, at) => type !== 'words' || inside[at - 1] !== 'words')];
}

function isWords(node: Nodes): boolean {
  return node.type === 'text' || node.type === 'inlineCode';
}

function plainText(node: Nodes): string[] {
  if (node.type === 'text') return [node.value];
  // The heading is made of our own words alone, its sign included.
  return 'children' in node && node.type !== 'heading' ? node.children.flatMap(plainText) : [];
}

/** Signs that our own sentences use and that mean nothing to GitHub where they stand alone. */
function withoutOurOwn(text: string): string {
  return text.replace(/(^|\s)(?:[<>]=?|\+)(?=\s|$)/g, ' ').replace(/[<>](?=\d|−)/g, '');
}

const harmless = new Map<string, unknown>();

/** @param silent a judge that gave no reason has no line in the report */
function harmlessStructure(name: string, report: Report, silent: boolean): unknown {
  const key = `${name} ${report.verdict} ${silent}`;
  const words = poisoned(report, 'harmless');
  const like = silent ? { ...words, excerpts: words.excerpts.map((one) => ({ ...one, reason: '' })) } : words;
  if (!harmless.has(key)) harmless.set(key, structure(tree(rendered(name, like))));
  return harmless.get(key);
}

function rendered(name: string, report: Report): string {
  return SURFACES[name]?.(report) ?? '';
}

function expectInert(name: string, report: Report, text: string): void {
  const made = tree(rendered(name, poisoned(report, text)));
  expect(structure(made)).toEqual(harmlessStructure(name, report, text.trim() === ''));
  expect(plainText(made).filter((words) => ACTIVE.test(withoutOurOwn(words)))).toEqual([]);
}

it('a remark in the tracking issue holds outside text in code alone', () => {
  const remark = (text: string) => tree(renderIssueRemark(poisoned(BY_VERDICT.inconclusive, text), LINKS));
  for (const text of HOSTILE) {
    expect(structure(remark(text))).toEqual(structure(remark('harmless')));
    expect(plainText(remark(text)).filter((words) => ACTIVE.test(withoutOurOwn(words)))).toEqual([]);
  }
});

describe.each(Object.keys(SURFACES))('outside text in the %s', (name) => {
  const reports = [FAILED, BY_VERDICT.inconclusive];

  it.each(HOSTILE.map((text) => [JSON.stringify(text).slice(0, 60), text]))('is inert: %s', (_, text) => {
    for (const report of reports) expectInert(name, report, text);
  });

  it('is inert whatever characters it is made of', () => {
    const pieces = [...HOSTILE.join(' ').split(/\s+/), '\n', '\n\n', ' ', '|', '`', '\\', '"', 'word', 'word, word.'];
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.string({ unit: fc.constantFrom(...'`|\\[]()<>@#*_~-+=:!&$1a. \n\t'), maxLength: 60 }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 12 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(text, (outside) => expectInert(name, FAILED, outside)),
      { numRuns: 40 },
    );
  });

  it('stands within the size limit when every field is a megabyte', () => {
    for (const long of ['a', '`', '\n', '😀', '\u202E', '|', '<b>@x\n```\n']) {
      const shown = rendered(name, poisoned(FAILED, long.repeat(Math.ceil(2 ** 20 / long.length))));
      expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(name === 'summary' ? 2 ** 20 : 65_536);
      expect(shown).toContain('Misalignment gate: fail');
    }
  });
});

// JSON is for machines, which want the text as it was.
const FOR_EYES = Object.keys(FORMATS).filter((name) => name !== 'json');

describe.each(FOR_EYES)('outside text in the format %s', (name) => {
  it('brings no control, invisible or reordering character along, whatever it is made of', () => {
    const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 60 }));
    const unseen = /[\p{Cs}\p{Bidi_Control}\u200B\u200C\u200E\u200F\u2060\uFEFF\u{E0000}-\u{E007F}]|[^\P{Cc}\n\t]/u;
    fc.assert(
      fc.property(text, (outside) => {
        expect(renderFormat(poisoned(BY_VERDICT.fail, outside), name)).not.toMatch(unseen);
      }),
      { numRuns: 60 },
    );
  });
});
