import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import { type Document, isScalar, LineCounter, parseDocument } from 'yaml';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import { ConfigError } from '../errors.js';
import { INPUTS } from './inputs.js';
import { nearest } from './nearest.js';
import type { SettingsFile } from './settings.js';

/** A settings file that the schema accepted, as plain data. */
export type FileSettings = Readonly<Record<string, unknown>>;

/** Far above any real settings file, far below what would slow a YAML parser down. */
const MAX_BYTES = 1_000_000;

const validate = new Ajv2020({ allErrors: true, verbose: true, allowUnionTypes: true }).compile(schema);

/**
 * Reads the settings file (YAML, of which JSON is a part).
 * @throws ConfigError naming the key, its line, what was found and what is accepted; all problems of the file at once.
 */
export function parseSettingsFile(file: SettingsFile): FileSettings {
  if (file.text.length > MAX_BYTES) throw fileError(file, 'is over 1 MB, which no settings file needs');
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax) throw fileError(file, `is not valid YAML: ${syntax.message.split('\n')[0]}`);
  const data: unknown = toData(document, file) ?? {};
  refuseSecrets(data, file, document, lines);
  if (!validate(data)) {
    throw fileError(file, describeAll(validate.errors ?? [], document, lines).join('\n'));
  }
  return data as FileSettings;
}

function toData(document: Document, file: SettingsFile): unknown {
  try {
    return document.toJS({ maxAliasCount: 20 });
  } catch {
    throw fileError(file, 'uses more YAML aliases than a settings file needs');
  }
}

function fileError(file: SettingsFile, problem: string): ConfigError {
  return new ConfigError('config.file', `${file.path} (${file.where}): ${problem}`);
}

function refuseSecrets(data: unknown, file: SettingsFile, document: Document, lines: LineCounter): void {
  if (typeof data !== 'object' || data === null) return;
  const secret = INPUTS.find((input) => input.secret && input.name in data);
  if (!secret) return;
  throw fileError(
    file,
    `${secret.name}${lineOf([secret.name], document, lines)}: a secret may not stand in a settings file; ` +
      `give it as an input (\`${secret.name}: \${{ secrets.NAME }}\`) or an environment variable, and revoke this one`,
  );
}

function describeAll(errors: readonly ErrorObject[], document: Document, lines: LineCounter): string[] {
  // Of an anyOf only its branches say something useful, unless they contradict each other.
  const specific = errors.filter((error) => error.keyword !== 'anyOf' && error.keyword !== 'const');
  const shown = (specific.length > 0 ? specific : errors).map((error) => describe(error, document, lines));
  return [...new Set(shown)];
}

function describe(error: ErrorObject, document: Document, lines: LineCounter): string {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer);
  const unknownKey = error.params.additionalProperty;
  if (typeof unknownKey === 'string') return describeUnknown([...path, unknownKey], error, document, lines);
  const name = path.join('.') || 'the file';
  return `${name}${lineOf(path, document, lines)}: ${problemOf(error)}`;
}

function describeUnknown(path: string[], error: ErrorObject, document: Document, lines: LineCounter): string {
  const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
  const guess = nearest(path.at(-1) ?? '', known);
  const help = guess ? `did you mean ${guess}?` : `known here: ${known.join(', ')}`;
  return `${path.join('.')}${lineOf(path, document, lines)}: unknown key; ${help}`;
}

function problemOf(error: ErrorObject): string {
  const found = JSON.stringify(error.data);
  switch (error.keyword) {
    case 'enum':
      return `${found} is none of ${(error.schema as unknown[]).join(', ')}`;
    case 'type':
      return `${found} is not a ${error.schema}${autoToo(error)}`;
    case 'required':
      return `${error.params.missingProperty} is missing`;
    default:
      return `${found} ${error.message}${autoToo(error)}`;
  }
}

/** Numbers that may also be `auto` say so. */
function autoToo(error: ErrorObject): string {
  return error.schemaPath.includes('/anyOf/1/') && !error.schemaPath.includes('/judge/') ? ', nor `auto`' : '';
}

function lineOf(path: readonly string[], document: Document, lines: LineCounter): string {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const pairs: unknown = (parent as { items?: unknown } | null)?.items;
  if (!Array.isArray(pairs)) return '';
  const pair = pairs.find((entry) => isScalar(entry?.key) && String(entry.key.value) === path.at(-1));
  const offset: unknown = pair?.key?.range?.[0];
  return typeof offset === 'number' ? ` (line ${lines.linePos(offset).line})` : '';
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~');
}
