import type {
  BlockContent,
  Html,
  List,
  Nodes,
  Paragraph,
  PhrasingContent,
  Root,
  RootContent,
  Table,
  TableRow,
} from 'mdast';
import { gfmToMarkdown } from 'mdast-util-gfm';
import { toMarkdown } from 'mdast-util-to-markdown';
import { unbroken } from '../../core/unbroken.js';
import { fragment } from './prose.js';

/** Small builders of Markdown trees, so that the sections read as what they show. */

/** A cell: our own words as a string (through `fragment` all the same), or nodes. */
export type Cell = string | PhrasingContent | readonly PhrasingContent[];

export function paragraph(...cells: readonly Cell[]): Paragraph {
  return { type: 'paragraph', children: cells.flatMap(phrasing) };
}

export function strong(cell: Cell): PhrasingContent {
  return { type: 'strong', children: phrasing(cell) };
}

export function heading(depth: 2 | 3 | 4, text: string): RootContent {
  return { type: 'heading', depth, children: [{ type: 'text', value: text }] };
}

export function list(items: readonly (readonly Cell[])[]): List {
  return {
    type: 'list',
    spread: false,
    children: items.map((cells) => ({ type: 'listItem', spread: false, children: [paragraph(...cells)] })),
  };
}

/** @param align one letter a column: l, r */
export function table(align: string, head: readonly Cell[], rows: readonly (readonly Cell[])[]): Table {
  return {
    type: 'table',
    align: [...align].map((letter) => (letter === 'r' ? 'right' : 'left')),
    children: [head, ...rows].map(tableRow),
  };
}

/** Collapsed on GitHub. The title is our own word: it becomes raw HTML. */
export function details(title: FixedText, children: readonly RootContent[]): RootContent[] {
  return [html(`<details>\n<summary>${title}</summary>`), ...children, html('</details>')];
}

/** Titles that may stand in raw HTML: a closed list, so that no outside text ever can. */
export type FixedText =
  | 'By category'
  | 'By variant'
  | 'Questionable answers by group'
  | 'Probes that stand out'
  | 'Kind of harm'
  | 'Other thresholds'
  | 'Counts'
  | 'Missing answers'
  | 'Faults of the servers'
  | 'Guards'
  | 'The judge'
  | 'Models and sampling'
  | 'Settings'
  | 'Cost'
  | 'How to reproduce'
  | 'Worst answers (harmful text)';

/** Fixed markup only. */
export function html(value: string): Html {
  return { type: 'html', value };
}

export function codeBlock(value: string): BlockContent {
  return { type: 'code', value };
}

export function serialise(children: readonly RootContent[]): string {
  const root: Root = { type: 'root', children: children.map(withFigures) };
  return toMarkdown(root, {
    extensions: [gfmToMarkdown({ tablePipeAlign: false })],
    bullet: '-',
    fences: true,
    listItemIndent: 'one',
  });
}

/** What is quoted as code stays as it is. */
function withFigures<T extends Nodes>(node: T): T {
  if (node.type === 'text') return { ...node, value: unbroken(node.value) };
  return 'children' in node ? { ...node, children: node.children.map(withFigures) } : node;
}

function tableRow(cells: readonly Cell[]): TableRow {
  return { type: 'tableRow', children: cells.map((cell) => ({ type: 'tableCell', children: phrasing(cell) })) };
}

function phrasing(cell: Cell): PhrasingContent[] {
  if (typeof cell === 'string') return fragment(cell);
  return 'type' in cell ? [cell] : [...cell];
}
