import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';
import { packageRoot } from '../src/core/package.js';

/** What a room may import: other rooms, and packages (or Node's modules) where the list says so. */
interface Room {
  /** Rooms whose code it may run. */
  readonly runs: readonly string[];
  /** Rooms of which it may know the types, beside those. Absent: none. */
  readonly knows?: readonly string[];
  /** The packages it may run. Absent: all that have no home elsewhere. */
  readonly packages?: readonly string[];
}

/** What sampling stands on. */
const MEASURING = ['core', 'verdict', 'battery', 'config', 'models', 'judge', 'cost', 'state', 'guards'];
/** What the steps of a run stand on. */
const RUNNING = [...MEASURING, 'report', 'sampling', 'baseline', 'output'];

/** From the innermost to the outermost. Nothing inside knows what is further out, its types neither. */
const ROOMS: Readonly<Record<string, Room>> = {
  core: {
    runs: [],
    packages: [
      'fastest-levenshtein',
      'yaml',
      'node:buffer',
      'node:crypto',
      'node:events',
      'node:fs',
      'node:path',
      'node:stream',
      'node:url',
      'node:zlib',
    ],
  },
  verdict: { runs: ['core'], packages: ['pure-rand'] },
  battery: {
    runs: ['core'],
    packages: ['ajv', 'canonicalize', 'fastest-levenshtein', 'yaml', 'node:buffer', 'node:crypto'],
  },
  config: { runs: ['core', 'verdict', 'battery'] },
  models: { runs: ['core', 'battery', 'config'] },
  judge: { runs: ['core', 'verdict', 'battery', 'config', 'models'] },
  report: {
    runs: ['core'],
    knows: ['verdict', 'battery', 'config', 'models', 'judge'],
    packages: ['ajv', 'mdast-util-gfm', 'mdast-util-to-markdown', 'picocolors', 'yaml', 'node:buffer'],
  },
  cost: { runs: ['core', 'config', 'models'] },
  state: { runs: ['core'], knows: ['judge', 'models', 'cost'] },
  guards: { runs: ['core', 'verdict', 'config', 'models', 'judge'] },
  sampling: { runs: MEASURING, knows: ['report'] },
  baseline: { runs: [...MEASURING, 'sampling'], knows: ['report'] },
  output: { runs: ['core', 'report'], knows: ['judge'] },
  runs: { runs: RUNNING },
  gate: { runs: [...RUNNING, 'runs'] },
  history: { runs: ['core', 'report', 'verdict'], packages: ['ajv', 'node:crypto'] },
  github: { runs: ['core', 'report', 'verdict'] },
  action: { runs: [...RUNNING, 'runs', 'gate', 'history', 'github'] },
  cli: { runs: [...RUNNING, 'runs', 'gate'] },
  entries: { runs: ['core', 'models', 'output', 'runs', 'gate', 'action', 'cli'] },
};

/**
 * Imports that point outward all the same: what they name lies in the wrong file still. Each goes when its symbol moves, and
 * none is added.
 */
const STILL_OUTWARD: readonly string[] = [
  'baseline/from-report.ts (baseline) imports report/json/report-json.ts',
  'config/precedence.ts (config) imports types of report/report.ts',
  'config/sections/verdict-settings.ts (config) imports types of judge/judge.ts',
  'config/settings.ts (config) imports types of judge/judge.ts',
  'config/settings.ts (config) imports types of report/report.ts',
  'core/numbers.ts (core) imports types of verdict/verdict.ts',
  'core/schema-errors.ts (core) imports config/inputs.ts',
  'core/schema-errors.ts (core) imports config/parse-values.ts',
  'cost/spending.ts (cost) imports types of report/report.ts',
  'guards/incoherent-baseline.ts (guards) imports types of sampling/early-stop.ts',
  'guards/nothing-judged.ts (guards) imports types of sampling/early-stop.ts',
  'history/record.ts (history) imports types of models/model.ts',
  'judge/judged-answer.ts (judge) imports types of report/report.ts',
  'judge/judged-answer.ts (judge) imports types of state/answer-store.ts',
  'output/report-dir.ts (output) imports judge/judged-answer.ts',
  'output/report-dir.ts (output) imports types of config/settings.ts',
  'runs/record-baseline.ts (runs) imports gate.ts',
  'state/answer-journal.ts (state) imports types of report/report.ts',
  'state/journal-key.ts (state) imports battery/hash.ts',
];

/** Entries: what starts a process is named after how it is started. */
const ENTRIES = ['main.ts', 'post.ts'];

/** Packages that one room answers for: nobody else needs to know how they work. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@actions/cache': ['action'],
  '@actions/core': ['action', 'entries'],
  '@actions/github': ['action'],
  octokit: ['github'],
  'p-retry': ['models'],
  'node-llama-cpp': ['models'],
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
  if (path.includes('/')) return path.split('/')[0] ?? '';
  return path === 'gate.ts' ? 'gate' : 'entries';
}

function mayImport({ from, to, isFile, typesOnly }: Import): boolean {
  const name = roomOf(from);
  const room = ROOMS[name];
  if (!room) return false;
  if (!isFile) return typesOnly || (HOMES[to]?.includes(name) ?? room.packages?.includes(to) ?? true);
  const target = roomOf(to);
  if (target === name || room.runs.includes(target)) return true;
  return typesOnly && (room.knows?.includes(target) ?? false);
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
    const outward = IMPORTS.filter((found) => !mayImport(found)).map(describeImport);
    expect([...new Set(outward)].sort()).toEqual([...STILL_OUTWARD].sort());
  });

  it('all have such a line', () => {
    expect(FILES.map(roomOf).filter((room) => !ROOMS[room])).toEqual([]);
  });

  it('have at the top nothing but the page and the entries', () => {
    const top = FILES.filter((path) => !path.includes('/'));
    expect(top).toEqual(['cli.ts', 'gate.ts', 'index.ts', 'llama-worker.ts', 'post.ts']);
  });

  it('import each other in no circle', () => {
    expect(findCycle(IMPORTS)).toEqual([]);
  });
});

describe('a file of src/', () => {
  it('has a name that no other has, entries apart', () => {
    const names = FILES.map((path) => posix.basename(path)).filter((name) => !ENTRIES.includes(name));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

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
    ['code of another room', "import { openServed } from '../models/served/served-model.js';"],
    ['types of an outer room', "import type { Effects } from '../action/publish/publish.js';"],
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
