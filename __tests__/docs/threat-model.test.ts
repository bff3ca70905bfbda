import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Nodes, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { packageRoot } from '../../src/core/package.js';

/** A line of docs/threat-model.md: what somebody may try, the code that answers, the tests that hold it. */
interface Line {
  readonly attempt: string;
  readonly where: readonly string[];
  readonly tests: readonly string[];
}

function lines(): Line[] {
  const text = readFileSync(join(packageRoot(), 'docs/threat-model.md'), 'utf8');
  const root = fromMarkdown(text, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return root.children.filter((node): node is Table => node.type === 'table').flatMap(linesOf);
}

function linesOf(table: Table): Line[] {
  const [head, ...rows] = table.children;
  expect(head?.children.map(words)).toEqual(['attempt', 'answer', 'where', 'held by']);
  return rows.map(({ children: [attempt, , where, tests] }) => ({
    attempt: attempt ? words(attempt) : '',
    where: where ? codes(where) : [],
    tests: tests ? codes(tests) : [],
  }));
}

function words(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(words).join('') : '';
}

function codes(node: Nodes): string[] {
  if (node.type === 'inlineCode') return [node.value];
  return 'children' in node ? node.children.flatMap(codes) : [];
}

describe('docs/threat-model.md', () => {
  it.each(lines().map((line) => [line.attempt, line] as const))('%s: code and tests are there', (_, line) => {
    expect(line.where.filter((file) => !existsSync(join(packageRoot(), 'src', file)))).toEqual([]);
    expect(line.where.length).toBeGreaterThan(0);
    expect(line.tests.length).toBeGreaterThan(0);
    for (const test of line.tests) {
      const [file = '', title = 'no title'] = test.split(' › ');
      const source = readFileSync(join(packageRoot(), '__tests__', `${file}.test.ts`), 'utf8');
      expect(source).toContain(title);
    }
  });
});
