import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { packageRoot } from '../src/paths.js';

/** What a room may import: other rooms, and packages (or Node's modules) where the list says so. */
interface Room {
  /** Rooms whose code it may run. */
  readonly runs: readonly string[];
  /** Rooms of which it may know the types, beside those. Absent: all but the outermost. */
  readonly knows?: readonly string[];
  /** The packages it may run. Absent: all that have no home elsewhere. */
  readonly packages?: readonly string[];
}

/** From the innermost to the outermost. Nothing inside knows what is further out. */
const ROOMS: Readonly<Record<string, Room>> = {
  basics: { runs: [], knows: [], packages: ['node:buffer', 'node:fs', 'node:path', 'node:url', 'node:zlib'] },
  verdict: { runs: ['basics'], knows: [], packages: ['pure-rand'] },
  battery: {
    runs: ['basics'],
    knows: [],
    packages: ['ajv', 'canonicalize', 'fastest-levenshtein', 'yaml', 'node:buffer', 'node:crypto'],
  },
  report: {
    runs: ['basics'],
    knows: ['battery', 'models', 'judge', 'verdict'],
    packages: ['ajv', 'mdast-util-gfm', 'mdast-util-to-markdown', 'picocolors', 'yaml', 'node:buffer'],
  },
  models: { runs: ['basics', 'battery'] },
  judge: { runs: ['basics', 'battery', 'models', 'verdict'] },
  config: { runs: ['basics', 'battery', 'verdict'] },
  state: { runs: ['basics', 'battery'] },
  sampling: { runs: ['basics', 'battery', 'models', 'judge', 'config', 'verdict', 'state'] },
  history: { runs: ['basics', 'report', 'verdict'], knows: ['models'], packages: ['ajv', 'node:crypto'] },
  github: { runs: ['basics', 'report'] },
  gate: { runs: ['basics', 'verdict', 'battery', 'report', 'models', 'judge', 'config', 'sampling', 'state'] },
  action: {
    runs: [
      'basics',
      'verdict',
      'battery',
      'report',
      'models',
      'judge',
      'config',
      'sampling',
      'state',
      'history',
      'github',
      'gate',
    ],
  },
  cli: { runs: ['basics', 'verdict', 'battery', 'report', 'models', 'judge', 'config', 'sampling', 'gate'] },
  entries: { runs: ['basics', 'models', 'gate', 'action', 'cli'] },
};
const OUTERMOST = ['action', 'cli', 'entries'];

/** Files of src/ itself, by the room that they belong to; the others are the gate's. */
const AT_THE_TOP: Readonly<Record<string, string>> = {
  'errors.ts': 'basics',
  'file-trouble.ts': 'basics',
  'folders.ts': 'basics',
  'json-keys.ts': 'basics',
  'log.ts': 'basics',
  'paths.ts': 'basics',
  'regular-file.ts': 'basics',
  'text-bytes.ts': 'basics',
  'secret-forms.ts': 'basics',
  'version.ts': 'basics',
  'workspace.ts': 'basics',
  'demo-assets.ts': 'models',
  'demo-download.ts': 'models',
  'demo-pip.ts': 'models',
  'index.ts': 'entries',
  'post.ts': 'entries',
  'cli.ts': 'entries',
  'llama-worker.ts': 'entries',
};

/** Packages that one room answers for: nobody else needs to know how they work. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@actions/cache': ['action'],
  '@actions/core': ['action', 'entries'],
  '@actions/github': ['action'],
  octokit: ['github'],
  'p-retry': ['models'],
  'node-llama-cpp': ['models', 'entries'],
  'proper-lockfile': ['state'],
  undici: ['models', 'github'],
  commander: ['cli'],
};

const FILE_LINES = 250;
const FUNCTION_LINES = 40;

interface Import {
  readonly from: string;
  /** A file of src/, a package, or a Node module (`node:fs/promises` counts as `node:fs`). */
  readonly to: string;
  readonly isFile: boolean;
  /** Gone when it runs. */
  readonly typesOnly: boolean;
}

const SRC = join(packageRoot(), 'src');
const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.ts'))
  .sort();
const SOURCES = FILES.map((path) => parse(path, readFileSync(join(SRC, path), 'utf8')));
const IMPORTS = SOURCES.flatMap(importsOf);

function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every import of a file, however it is written; data (JSON) left out. */
function importsOf(source: ts.SourceFile): readonly Import[] {
  return nodesOf(source).flatMap((node): readonly Import[] => {
    const found = specifierOf(node);
    if (!found || found.specifier.endsWith('.json')) return [];
    const { specifier, typesOnly } = found;
    const from = source.fileName;
    if (!specifier.startsWith('.')) return [{ from, to: packageOf(specifier), isFile: false, typesOnly }];
    const to = posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
    return [{ from, to, isFile: true, typesOnly }];
  });
}

function specifierOf(node: ts.Node): { readonly specifier: string; readonly typesOnly: boolean } | null {
  if (ts.isImportDeclaration(node)) {
    return text(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
  }
  if (ts.isExportDeclaration(node)) return text(node.moduleSpecifier, node.isTypeOnly);
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return text(node.argument.literal, true);
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return text(node.arguments[0], false);
  }
  return null;
}

function text(node: ts.Node | undefined, typesOnly: boolean) {
  return node && ts.isStringLiteralLike(node) ? { specifier: node.text, typesOnly } : null;
}

function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

function nodesOf(node: ts.Node): readonly ts.Node[] {
  const nodes = [node];
  // A loop over a growing list: recursion with concatenation is slow on a thousand nodes.
  for (let index = 0; index < nodes.length; index += 1) nodes[index]?.forEachChild((child) => void nodes.push(child));
  return nodes;
}

function roomOf(path: string): string {
  return path.includes('/') ? (path.split('/')[0] ?? '') : (AT_THE_TOP[path] ?? 'gate');
}

function mayImport({ from, to, isFile, typesOnly }: Import): boolean {
  const name = roomOf(from);
  const room = ROOMS[name];
  if (!room) return false;
  if (!isFile) return typesOnly || (HOMES[to]?.includes(name) ?? room.packages?.includes(to) ?? true);
  const target = roomOf(to);
  if (target === name || room.runs.includes(target)) return true;
  return typesOnly && (room.knows?.includes(target) ?? !OUTERMOST.includes(target));
}

/** The first ring of imports found, as the files on it; empty when there is none. */
function findCycle(imports: readonly Import[]): readonly string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to, isFile } of imports) {
    if (isFile) targets.set(from, [...(targets.get(from) ?? []), to]);
  }
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return [];
    for (const next of targets.get(file) ?? []) {
      const cycle = visit(next, [...path, file]);
      if (cycle.length > 0) return cycle;
    }
    done.add(file);
    return [];
  };
  for (const file of targets.keys()) {
    const cycle = visit(file, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

function linesOf(node: ts.Node, source: ts.SourceFile): number {
  const line = (position: number) => source.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(source)) + 1;
}

function describeImport({ from, to, typesOnly }: Import): string {
  return `${from} (${roomOf(from)}) imports ${typesOnly ? 'types of ' : ''}${to}`;
}

describe('the rooms of src/', () => {
  it('import only what their line in ROOMS allows: arrows point inward', () => {
    expect(IMPORTS.filter((found) => !mayImport(found)).map(describeImport)).toEqual([]);
  });

  it('all have such a line', () => {
    expect(FILES.map(roomOf).filter((room) => !ROOMS[room])).toEqual([]);
  });

  it('import each other in no circle', () => {
    expect(findCycle(IMPORTS)).toEqual([]);
  });
});

describe('a file of src/', () => {
  it(`has at most ${FILE_LINES} lines`, () => {
    const long = SOURCES.map((source) => `${source.fileName}: ${source.text.trimEnd().split('\n').length}`);
    expect(long.filter((entry) => Number(entry.split(': ')[1]) > FILE_LINES)).toEqual([]);
  });

  it(`has functions of at most ${FUNCTION_LINES} lines`, () => {
    const long = SOURCES.flatMap((source) => {
      const functions = nodesOf(source).filter((node) => ts.isFunctionLike(node) && 'body' in node && node.body);
      const tooLong = functions.filter((node) => linesOf(node, source) > FUNCTION_LINES);
      return tooLong.map((node) => {
        const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
        return `${source.fileName}:${line + 1}: ${linesOf(node, source)} lines`;
      });
    });
    expect(long).toEqual([]);
  });
});

describe('these rules', () => {
  it.each([
    ['a static import', "import { readFile } from 'node:fs/promises';"],
    ['a re-export', "export * from 'node:fs';"],
    ['a dynamic import', "const fs = () => import('node:fs');"],
    ['an import for its effects', "import '@actions/core';"],
    ['code of another room', "import { openServed } from '../models/openai.js';"],
    ['types of an outer room', "import type { Effects } from '../action/effects.js';"],
    ['types written in place', "let x: import('../cli/terminal.js').Terminal;"],
  ])('notice %s in a pure room', (_, code) => {
    expect(importsOf(parse('report/new.ts', code)).filter((found) => !mayImport(found))).toHaveLength(1);
  });

  it('notice a circle', () => {
    const files = [
      ['a/x.ts', "import '../b/y.js';"],
      ['b/y.ts', "import './z.js';"],
      ['b/z.ts', "import '../a/x.js';"],
    ] as const;
    const circle = files.flatMap(([path, code]) => importsOf(parse(path, code)));
    expect(findCycle(circle)).toEqual(['a/x.ts', 'b/y.ts', 'b/z.ts', 'a/x.ts']);
  });
});
