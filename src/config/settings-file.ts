import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import { ConfigError } from '../core/errors.js';
import { nameOf, problemsOf } from '../core/schema-errors.js';
import { MAX_DEPTH, type Path, readDocument, type SettingsDocument } from '../core/yaml.js';
import type { SettingsFile } from './settings.js';

/** A settings file that the schema accepted, as plain data. */
export type FileSettings = Readonly<Record<string, unknown>>;

let compiled: ValidateFunction<FileSettings> | undefined;

/** Compiled on first use, for many runs have no settings file; a test holds the schema against its meta-schema. */
function validator(): ValidateFunction<FileSettings> {
  compiled ??= new Ajv2020({
    ...{ allErrors: true, verbose: true, allowUnionTypes: true },
    ...{ meta: false, validateSchema: false },
  }).compile<FileSettings>(schema);
  return compiled;
}

/**
 * Reads the settings file (YAML, of which JSON is a part).
 * @throws ConfigError naming the key, its line, what was found and what is accepted; all problems of the file at once.
 */
export function parseSettingsFile(file: SettingsFile): FileSettings {
  const document = readDocument(file.text);
  if (typeof document === 'string') throw fileError(file, [document]);
  const data = document.data ?? {};
  refuseSecrets(data, file, document);
  const accepts = validator();
  if (accepts(data)) return data;
  throw fileError(file, problemsOf(accepts.errors ?? [], document));
}

function fileError(file: SettingsFile, problems: readonly string[]): ConfigError {
  const where = `${file.path} (${file.where})`;
  const [first = '', ...others] = problems;
  return new ConfigError(
    'config.file',
    others.length === 0 ? `${where}: ${first}` : `${where}: ${problems.length} problems\n${problems.join('\n')}`,
  );
}

/** Keys that hold a secret in whatever spelling, at whatever depth (LiteLLM takes an `api_key` in the request's body). */
const SECRET_KEY = /(apikey|statekey|(access|auth|bearer|github)token|password|secret|authorization)$/;

function refuseSecrets(data: unknown, file: SettingsFile, document: SettingsDocument): void {
  const path = findSecret(data, file);
  if (path === null) return;
  const line = document.lineOf(path);
  throw fileError(file, [
    `${nameOf(path)}${line === null ? '' : ` (line ${line})`}: a secret may not stand in a settings file; ` +
      `give it as an input (api-key: \${{ secrets.NAME }}) or as the environment variable OPENAI_API_KEY, and revoke this one`,
  ]);
}

function findSecret(data: unknown, file: SettingsFile, path: Path = []): Path | null {
  if (typeof data !== 'object' || data === null) return null;
  // An alias inside its own anchor is data without end.
  if (path.length > MAX_DEPTH) throw fileError(file, [`is nested deeper than ${MAX_DEPTH} levels`]);
  for (const [key, value] of Object.entries(data)) {
    const at = [...path, key];
    if (path[0] !== 'prices' && SECRET_KEY.test(key.toLowerCase().replaceAll(/[^a-z]/g, ''))) return at;
    const found = findSecret(value, file, at);
    if (found) return found;
  }
  return null;
}
