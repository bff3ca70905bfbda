import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Nodes, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { packageRoot } from '../../src/core/package.js';
import { FAULTS, type Fault } from '../../src/models/served/failures/fault-counts.js';
import { FAULT_WORDS } from '../../src/report/fault-table.js';

const TEXT = readFileSync(join(packageRoot(), 'docs/faults.md'), 'utf8');

/** A line of a table of docs/faults.md that says which tests hold it. */
interface Line {
  readonly what: string;
  /** Its table's first heading. */
  readonly kind: string;
  readonly policy: string;
  readonly tests: readonly string[];
}

function lines(): Line[] {
  const root = fromMarkdown(TEXT, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return root.children.filter((node): node is Table => node.type === 'table').flatMap(linesOf);
}

function linesOf({ children: [head, ...rows] }: Table): Line[] {
  const heads = head?.children.map(words) ?? [];
  const tests = heads.indexOf('held by');
  if (tests < 0) return [];
  return rows.map(({ children: cells }) => ({
    what: cells[0] ? words(cells[0]) : '',
    kind: heads[0] ?? '',
    policy: words(cells[heads.indexOf('policy')] ?? { type: 'text', value: '' }),
    tests: cells[tests] ? codes(cells[tests]) : [],
  }));
}

const FAULT_LINES = lines().filter(({ kind }) => kind === 'fault');

function words(node: Nodes): string {
  if ('value' in node) return node.value;
  return 'children' in node ? node.children.map(words).join('') : '';
}

function codes(node: Nodes): string[] {
  if (node.type === 'inlineCode') return [node.value];
  return 'children' in node ? node.children.flatMap(codes) : [];
}

describe('docs/faults.md', () => {
  it('has a line for every fault that the code knows, and for no other', () => {
    expect(FAULT_LINES.map(({ what }) => what)).toEqual([...FAULTS]);
  });

  it.each(FAULT_LINES)('$what: the policy is the report’s own wording', ({ what, policy }) => {
    expect(policy).toBe(FAULT_WORDS[what as Fault].policy);
  });

  it.each(lines())('$what: the tests named are there', ({ tests }) => {
    expect(tests.length).toBeGreaterThan(0);
    for (const test of tests) {
      const [file = '', title = 'no title'] = test.split(' › ');
      const path = join(packageRoot(), '__tests__', `${file}.test.ts`);
      expect([path, existsSync(path)]).toEqual([path, true]);
      expect(readFileSync(path, 'utf8')).toContain(title);
    }
  });

  it('stands in the report’s schema as it stands in the code', () => {
    const schema = JSON.parse(readFileSync(join(packageRoot(), 'schemas/report.schema.json'), 'utf8'));
    expect(schema.properties.network.properties.faults.items.properties.fault.enum).toEqual([...FAULTS]);
  });
});
