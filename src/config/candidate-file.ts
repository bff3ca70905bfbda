import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import jsonpointer from 'jsonpointer';
import { hashOf } from '../battery/hash.js';
import { ConfigError } from '../core/errors.js';
import { ledAstray } from '../core/workspace.js';
import { CANDIDATE_FILE, MAX_CANDIDATE_BYTES, readDocument } from '../core/yaml.js';
import { proposedReference } from './candidate-name.js';
import { shown } from './parse-values.js';

/** `file:PATH#/pointer`: the candidate's name stands in a file of the pull request. */
export interface CandidateFile {
  readonly path: string;
  /** JSON Pointer (RFC 6901), starting with a slash. */
  readonly pointer: string;
}

/** What of a proposed file makes a new candidate when it differs. */
export const CANDIDATE_SCOPES = ['file', 'mapping', 'value'] as const;

/** What of the file is read, and as what. */
export interface CandidateRules {
  /** `candidate-scope` */
  readonly scope: (typeof CANDIDATE_SCOPES)[number];
  /** `candidate-pattern`; null for the default. */
  readonly pattern: RegExp | null;
}

/** What a file proposes. */
export interface ProposedCandidate {
  readonly reference: string;
  /** A hash over all that is proposed, as far as `candidate-scope` goes: the same here, the same candidate. */
  readonly identity: string;
}

const FORM = 'file:PATH#/pointer, such as file:models/support.yaml#/adapter';

/** Null for references of any other form. @throws ConfigError for a malformed one. */
export function parseCandidateFile(reference: string): CandidateFile | null {
  if (!reference.startsWith('file:')) return null;
  const [, path, pointer] = /^file:([^#]+)#(\/.*)$/s.exec(reference) ?? [];
  if (path && pointer) return { path, pointer };
  throw new ConfigError('config.candidate', `candidate: ${JSON.stringify(reference)} is not of the form ${FORM}`);
}

export interface FoundFile {
  readonly text: string;
  /** For messages: `models/support.yaml at abc1234 of owner/fork`. */
  readonly what: string;
}

const BY_DEFAULT: CandidateRules = { scope: 'file', pattern: null };

/**
 * What a YAML or JSON file proposes at the pointer.
 * @throws ConfigError naming file, pointer and the keys that exist.
 */
export function candidateAt(file: FoundFile, pointer: string, rules: CandidateRules = BY_DEFAULT): ProposedCandidate {
  const data = parse(file);
  const value = lookUp(data, file, pointer);
  const where = `candidate: ${file.what}, ${pointer}`;
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ConfigError(
      'config.candidate',
      `${where} is ${kindOf(value)}; a model's name (a text) has to stand there`,
    );
  }
  const reference = proposedReference(value, where, rules.pattern);
  return { reference, identity: identityOf(file.text, data, pointer, rules.scope) };
}

function identityOf(text: string, data: unknown, pointer: string, scope: CandidateRules['scope']): string {
  const bytes = () => createHash('sha256').update(text, 'utf8').digest('hex');
  if (scope === 'file') return bytes();
  try {
    const parent = pointer.slice(0, pointer.lastIndexOf('/'));
    const covered = scope === 'value' ? pointer : parent;
    return hashOf(covered === '' ? data : valueAt(data, covered));
  } catch {
    // What JSON can't express (.nan, an alias inside its own anchor) is compared to the letter.
    return bytes();
  }
}

/**
 * The same, from a folder on disk. All that keeps it from being read is one refusal: a proposed link must not tell what lies
 * where it leads, nor whether anything does.
 * @throws ConfigError
 */
export async function candidateInCheckout(
  { path, pointer }: CandidateFile,
  folder: string,
  rules: CandidateRules = BY_DEFAULT,
): Promise<ProposedCandidate> {
  const place = resolve(folder, path);
  const found = (await ledAstray(place, resolve(folder))) === null ? await stat(place).catch(() => null) : null;
  if (!found?.isFile()) throw unreadInCheckout(path);
  const what = `${path} in the checkout`;
  if (found.size > MAX_CANDIDATE_BYTES) throw unreadable(what, 'is over 64 KiB, which no candidate file needs');
  const text = await readFile(place, 'utf8').catch(() => {
    throw unreadInCheckout(path);
  });
  return candidateAt({ text, what }, pointer, rules);
}

function unreadInCheckout(path: string): ConfigError {
  return noSuchFile(path, 'the checkout that can be read; links that lead out of it are not followed');
}

export function noSuchFile(path: string, where: string): ConfigError {
  return new ConfigError('config.candidate', `candidate: file:${path}: no such file in ${where}`);
}

function unreadable(what: string, problem: string): ConfigError {
  return new ConfigError('config.candidate', `candidate: ${what} ${problem}`);
}

function parse({ text, what }: FoundFile): unknown {
  const document = readDocument(text, CANDIDATE_FILE);
  if (typeof document !== 'string') return document.data;
  throw unreadable(what, document.startsWith('line ') ? `can't be taken as it stands: ${document}` : document);
}

function lookUp(data: unknown, file: FoundFile, pointer: string): unknown {
  const segments = pointer.split('/').slice(1);
  let at = '';
  for (const segment of segments) {
    const parent = at === '' ? data : valueAt(data, at);
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) {
      throw unreadable(file.what, `has no ${at}/${segment}; ${keysAt(parent, at === '' ? 'its top' : at)}`);
    }
    at += `/${segment}`;
  }
  return valueAt(data, at);
}

function valueAt(data: unknown, pointer: string): unknown {
  return jsonpointer.get(data as object, pointer);
}

function keysAt(parent: unknown, place: string): string {
  if (typeof parent !== 'object' || parent === null) return `${place} is ${kindOf(parent)}`;
  const keys = Object.keys(parent);
  if (keys.length === 0) return `${place} holds nothing`;
  const more = keys.length > 20 ? `, … (${keys.length} in all)` : '';
  const listed = keys.slice(0, 20).map((key) => (/^[\w.-]{1,60}$/.test(key) ? key : shown(key)));
  return `keys at ${place}: ${listed.join(', ')}${more}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (value === '' || (typeof value === 'string' && value.trim() === '')) return 'an empty text';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  // What stands in the file is not quoted: it may be any file that the settings could name.
  return typeof value === 'string' ? 'a text' : `the ${typeof value} ${String(value).slice(0, 80)}`;
}
