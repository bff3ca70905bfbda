import { Buffer } from 'node:buffer';
import { CST, isMap, isNode, isScalar, Lexer, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';

/** GitHub hands out files over 1 MB too; this is twice that, and the parser still done in seconds. */
export const MAX_SETTINGS_BYTES = 2_000_000;
/** What proposes a model is a page of text at most. */
export const MAX_CANDIDATE_BYTES = 64 * 1024;

/** A kind of file: its limits, and what messages call it. */
export interface DocumentKind {
  readonly noun: 'settings file' | 'candidate file';
  readonly maxBytes: number;
  readonly maxKeys: number;
}

export const SETTINGS_FILE: DocumentKind = { noun: 'settings file', maxBytes: MAX_SETTINGS_BYTES, maxKeys: 10_000 };
export const CANDIDATE_FILE: DocumentKind = { noun: 'candidate file', maxBytes: MAX_CANDIDATE_BYTES, maxKeys: 2_000 };

/** Settings are four levels deep, request bodies a few more. Beyond a thousand the parser overflows the stack, and V8 may abort. */
export const MAX_DEPTH = 50;
/** Spaces at the start of a line, so that indentation alone can't nest without bound. */
const MAX_INDENT = 200;
const MAX_ALIASES = 20;
const LFS_POINTER = 'version https://git-lfs.github.com/spec/';

export type Path = readonly string[];

/** A file's text as data that still knows its lines. */
export interface SettingsDocument {
  readonly data: unknown;
  /** The line, from 1, of the key at this path (or of a list's entry); null where it can't be told. */
  lineOf(path: Path): number | null;
}

/**
 * Reads YAML 1.2, of which JSON is a part.
 * @returns a sentence about the file where it can't be read; it never quotes the file, which may hold a secret by mistake.
 */
export function readDocument(text: string, kind: DocumentKind = SETTINGS_FILE): SettingsDocument | string {
  const refusal = refuseUnread(text, kind);
  if (refusal) return refusal;
  const lines = new LineCounter();
  const document = parseDocument(text, {
    ...{ lineCounter: lines, prettyErrors: false, stringKeys: true, merge: false },
    // The parser's own check takes time in the square of the keys.
    uniqueKeys: false,
  });
  const lineAt = (offset: number) => lines.linePos(offset).line;
  const [problem] = [...document.errors, ...document.warnings];
  if (problem) return `is not valid YAML: line ${lineAt(problem.pos[0])}: ${wordsFor(problem, kind)}`;
  const wrong = wrongKey(document);
  if (wrong) return `line ${lineAt(wrong.offset)}: ${wrong.words}`;
  try {
    const data: unknown = document.toJS({ maxAliasCount: MAX_ALIASES });
    return { data, lineOf: (path) => lineOf(document, path, lineAt) };
  } catch {
    return `uses a YAML alias that has no anchor before it, or more aliases than a ${kind.noun} needs (${MAX_ALIASES}); write the values out`;
  }
}

function refuseUnread(text: string, { noun, maxBytes, maxKeys }: DocumentKind): string | null {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes > maxBytes) {
    const size = maxBytes < 1_000_000 ? `${maxBytes / 1024} KiB` : `${maxBytes / 1_000_000} MB`;
    return `is over ${size}, which no ${noun} needs`;
  }
  if (text.startsWith(LFS_POINTER)) {
    return 'is a Git LFS pointer, not the file itself; keep settings out of LFS (.gitattributes), or check out with `lfs: true`';
  }
  const { tooDeep, keys } = shapeOf(text);
  if (tooDeep) return `is nested deeper than ${MAX_DEPTH} levels, which no ${noun} needs`;
  return keys > maxKeys ? `has more than ${maxKeys} keys, which no ${noun} needs` : null;
}

const BRACKETS: Readonly<Record<string, number>> = {
  'flow-seq-start': 1,
  'flow-map-start': 1,
  'flow-seq-end': -1,
  'flow-map-end': -1,
};
/** On one line, each of these opens a level. */
const OPENERS: Readonly<Record<string, number>> = { 'seq-item-ind': 1, 'explicit-key-ind': 1 };

/** Told from the tokens, before anything recursive, or slow with many keys, sees the text. */
function shapeOf(text: string): { tooDeep: boolean; keys: number } {
  let [brackets, openers, keys] = [0, 0, 0];
  let previous = 'newline';
  for (const token of new Lexer().lex(text)) {
    const type = CST.tokenType(token) ?? '';
    brackets = Math.max(0, brackets + (BRACKETS[type] ?? 0));
    openers = type === 'newline' ? 0 : openers + (OPENERS[type] ?? 0);
    keys += Number(type === 'map-value-ind');
    const indent = type === 'space' && previous === 'newline' ? token.length : 0;
    if (brackets > MAX_DEPTH || openers > MAX_DEPTH || indent > MAX_INDENT) return { tooDeep: true, keys };
    previous = type;
  }
  return { tooDeep: false, keys };
}

/** The parser's words where they quote neither the file nor its own functions. */
const PLAIN: readonly YAMLError['code'][] = ['MISSING_CHAR', 'TAB_AS_INDENT', 'BAD_INDENT', 'MULTILINE_IMPLICIT_KEY'];

const OURS: Partial<Record<YAMLError['code'], string>> = {
  BLOCK_AS_IMPLICIT_KEY: 'a second colon; is a value with a colon missing its quotes?',
  BAD_SCALAR_START: 'a value that starts with a special character; put it in quotes',
  BAD_DQ_ESCAPE: 'a backslash in double quotes that escapes nothing; use single quotes',
  NON_STRING_KEY: 'a key that is not a plain text',
  UNEXPECTED_TOKEN: 'something that does not belong here; is the indentation right, is a quote or bracket missing?',
};

function wordsFor({ code, message }: YAMLError, { noun }: DocumentKind): string {
  const settings = noun === 'settings file';
  if (code === 'MULTIPLE_DOCS')
    return `a second document begins here; ${settings ? 'settings are' : `a ${noun} is`} one`;
  if (code === 'TAG_RESOLVE_FAILED')
    return `a YAML tag (!…), which ${settings ? 'settings do' : `a ${noun} does`} not use`;
  return PLAIN.includes(code) ? message : (OURS[code] ?? `not YAML as a ${noun} uses it (${code})`);
}

/** A key that readers of YAML take in different ways. */
function wrongKey(document: ReturnType<typeof parseDocument>): { words: string; offset: number } | null {
  let found: { words: string; offset: number } | null = null;
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<string>();
      for (const { key } of items) {
        const name = isScalar(key) ? String(key.value) : '';
        const words = keyProblem(name, seen, isScalar(key) && key.type === 'PLAIN');
        if (words) {
          found = { words, offset: isNode(key) ? (key.range?.[0] ?? 0) : 0 };
          return visit.BREAK;
        }
        seen.add(name);
      }
      return undefined;
    },
  });
  return found;
}

function keyProblem(name: string, seen: ReadonlySet<string>, plain: boolean): string | null {
  if (seen.has(name)) return `the key ${JSON.stringify(name.slice(0, 80))} stands twice in one mapping; keep one`;
  return plain && name === '<<' ? 'a YAML merge key (<<) is not followed here; write the merged keys out' : null;
}

function lineOf(
  document: ReturnType<typeof parseDocument>,
  path: Path,
  lineAt: (offset: number) => number,
): number | null {
  const parent = document.getIn(path.slice(0, -1), true);
  const pair = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === path.at(-1))
    : undefined;
  const node = pair ? pair.key : document.getIn(path, true);
  const offset = isNode(node) ? node.range?.[0] : undefined;
  return offset === undefined ? null : lineAt(offset);
}
