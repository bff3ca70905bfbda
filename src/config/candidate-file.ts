import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import jsonpointer from 'jsonpointer';
import { parseDocument } from 'yaml';
import { ConfigError } from '../errors.js';

/** `file:PATH#/pointer`: the candidate's name stands in a file of the pull request. */
export interface CandidateFile {
  readonly path: string;
  /** JSON Pointer (RFC 6901), starting with a slash. */
  readonly pointer: string;
}

const FORM = 'file:PATH#/pointer, such as file:models/support.yaml#/adapter';
/** A model's name is never so long; a file that says otherwise is not one that names a model. */
const MAX_LENGTH = 500;

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

/**
 * The value that the pointer names in a YAML or JSON file.
 * @throws ConfigError naming file, pointer and the keys that exist.
 */
export function candidateAt(file: FoundFile, pointer: string): string {
  const value = lookUp(parse(file), file, pointer);
  const where = `candidate: ${file.what}, ${pointer}`;
  if (typeof value !== 'string' || value.trim() === '') {
    throw new ConfigError(
      'config.candidate',
      `${where} is ${kindOf(value)}; a model's name (a text) has to stand there`,
    );
  }
  const name = value.trim();
  if (name.length > MAX_LENGTH || /[\p{Cc}\p{Cf}\p{Cs}]/u.test(name)) {
    throw new ConfigError(
      'config.candidate',
      `${where} is no model's name: one line of at most ${MAX_LENGTH} visible characters`,
    );
  }
  refuseNoModel(name, where);
  return name;
}

/** The same, from a folder on disk. @throws ConfigError */
export async function candidateInCheckout({ path, pointer }: CandidateFile, folder: string): Promise<string> {
  const text = await readFile(resolve(folder, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw noSuchFile(path, `the checkout (${error.code})`);
  });
  return candidateAt({ text, what: `${path} in the checkout` }, pointer);
}

export function noSuchFile(path: string, where: string): ConfigError {
  return new ConfigError('config.candidate', `candidate: file:${path}: no such file in ${where}`);
}

/** What a pull request proposes is a model that is then asked; a recording of its own choice would be its own judge. */
function refuseNoModel(name: string, where: string): void {
  const [, scheme] = /^(replay|report|file|demo):/.exec(name) ?? [];
  if (scheme === undefined) return;
  throw new ConfigError(
    'config.candidate',
    `${where} is ${JSON.stringify(name)}; a file may propose NAME, openai:NAME or gguf:PATH, not ${scheme}:`,
  );
}

function parse({ text, what }: FoundFile): unknown {
  // JSON is a part of YAML; unlike JSON.parse this also refuses a key that stands there twice.
  const document = parseDocument(text);
  const [problem] = document.errors;
  if (problem) {
    throw new ConfigError('config.candidate', `candidate: ${what} is not valid YAML or JSON: ${firstLine(problem)}`);
  }
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch (error) {
    throw new ConfigError('config.candidate', `candidate: ${what} can't be read: ${firstLine(error)}`);
  }
}

function lookUp(data: unknown, file: FoundFile, pointer: string): unknown {
  const segments = pointer.split('/').slice(1);
  let at = '';
  for (const segment of segments) {
    const parent = at === '' ? data : valueAt(data, at);
    const key = segment.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) {
      throw new ConfigError(
        'config.candidate',
        `candidate: ${file.what} has no ${at}/${segment}; ${keysAt(parent, at === '' ? 'its top' : at)}`,
      );
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
  return `keys at ${place}: ${keys.slice(0, 20).join(', ')}${more}`;
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  if (value === '' || (typeof value === 'string' && value.trim() === '')) return 'an empty text';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `the ${typeof value} ${String(value)}`;
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
