import { Buffer } from 'node:buffer';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { ConfigError } from '../core/errors.js';

/** How often anchors may be repeated, nested repetitions multiplied: a rubric shared by all probes is fine, a bomb is not. */
const MAX_ALIASES = 2000;

/** Bytes of UTF-8. Ours: a thousand probes fit, and the parser's worst case (half a million syntax errors) stays in seconds. */
export const MAX_BATTERY_BYTES = 512 * 1024;

/** Where the parser's message speaks of its own functions and options. */
const OUR_WORDS: Partial<Record<YAMLError['code'], string>> = {
  MULTIPLE_DOCS: 'a second document begins here; a file holds one',
  NON_STRING_KEY: 'a key that is not a plain text',
};

export type Path = readonly (string | number)[];

/** A parsed file that still knows where each value stood. */
export interface SourceDocument {
  readonly value: unknown;
  /** The line (from 1) of the value at a path, or of the nearest value above it; with `key`, of that key of the mapping there. */
  lineOf(path: Path, key?: string): number;
}

function syntaxError(source: string, detail: string): ConfigError {
  return new ConfigError(
    'battery.syntax',
    `battery: ${source}${detail}. A battery file is JSON or YAML, as schemas/battery.schema.json describes it.`,
  );
}

function refuseOversize(text: string, source: string): void {
  const bytes = Buffer.byteLength(text, 'utf8');
  if (bytes <= MAX_BATTERY_BYTES) return;
  throw new ConfigError(
    'battery.too-large',
    `battery: ${source} has ${bytes} bytes; at most ${MAX_BATTERY_BYTES} are accepted. Split it into several batteries.`,
  );
}

/** The parser's own check of unique keys is quadratic: a mapping of 60,000 keys would stop the gate for minutes. */
function refuseDuplicateKeys(document: Document, lines: LineCounter, source: string): void {
  visit(document, {
    Map(_, map) {
      const seen = new Set<string>();
      for (const { key } of map.items) {
        const name = isScalar(key) ? String(key.value) : '';
        if (seen.has(name)) {
          const line = lines.linePos(isNode(key) ? (key.range?.[0] ?? 0) : 0).line;
          throw syntaxError(source, ` (line ${line}): the key ${JSON.stringify(name)} stands twice in one mapping`);
        }
        seen.add(name);
      }
    },
  });
}

function keyOffset(map: YAMLMap, name: string): number | undefined {
  for (const { key } of map.items) {
    if (isScalar(key) && String(key.value) === name) return key.range?.[0];
  }
  return undefined;
}

function offsetOf(document: Document, path: Path, key?: string): number {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (!isNode(node)) continue;
    const ofKey = key !== undefined && length === path.length && isMap(node) ? keyOffset(node, key) : undefined;
    return ofKey ?? node.range?.[0] ?? 0;
  }
  return 0;
}

/**
 * Text as JSON or YAML 1.2. Merge keys, custom tags, several documents, duplicate keys and alias bombs are refused.
 * @throws {ConfigError} with line and column for what can't be read, or when the text is larger than `MAX_BATTERY_BYTES`.
 */
export function parseSource(text: string, source: string): SourceDocument {
  refuseOversize(text, source);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    merge: false,
    stringKeys: true,
  });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const { line, col } = lines.linePos(problem.pos[0]);
    const detail = OUR_WORDS[problem.code] ?? problem.message.slice(0, 200).replace(/\.$/, '');
    throw syntaxError(source, ` (line ${line}, column ${col}): ${detail}`);
  }
  refuseDuplicateKeys(document, lines, source);
  return {
    value: plainValue(document, source),
    lineOf: (path, key) => lines.linePos(offsetOf(document, path, key)).line,
  };
}

function plainValue(document: Document, source: string): unknown {
  try {
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    // The yaml package reports an undefined alias or one that would grow without bound so, and a too deep nesting as a RangeError.
    if (error instanceof ReferenceError || error instanceof RangeError) throw syntaxError(source, `: ${error.message}`);
    throw error;
  }
}
