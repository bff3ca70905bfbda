import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Nodes, Table } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';
import { FAULTS, type Fault } from '../src/models/faults.js';
import { packageRoot } from '../src/paths.js';
import { FAULT_WORDS } from '../src/report/faults.js';

const TEXT = readFileSync(join(packageRoot(), 'docs/faults.md'), 'utf8');

/** A line of docs/faults.md. */
interface Line {
  readonly fault: string;
  readonly policy: string;
  readonly tests: readonly string[];
}

function lines(): Line[] {
  const root = fromMarkdown(TEXT, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return root.children.filter((node): node is Table => node.type === 'table').flatMap(linesOf);
}

function linesOf({ children: [head, ...rows] }: Table): Line[] {
  if (head?.children[0] === undefined || words(head.children[0]) !== 'fault') return [];
  return rows.map(({ children: [fault, , policy, tests] }) => ({
    fault: fault ? words(fault) : '',
    policy: policy ? words(policy) : '',
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

describe('docs/faults.md', () => {
  it('has a line for every fault that the code knows, and for no other', () => {
    expect(lines().map(({ fault }) => fault)).toEqual([...FAULTS]);
  });

  it.each(lines().map((line) => [line.fault, line] as const))('%s: policy and tests are the real ones', (_, line) => {
    expect(line.policy).toBe(FAULT_WORDS[line.fault as Fault].policy);
    expect(line.tests.length).toBeGreaterThan(0);
    for (const test of line.tests) {
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
