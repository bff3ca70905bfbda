import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { closest, distance } from 'fastest-levenshtein';
import schema from '../../schemas/battery.schema.json' with { type: 'json' };
import { ConfigError } from '../core/errors.js';
import type { Probe, Variant } from './battery.js';
import type { Path, SourceDocument } from './read-yaml.js';

/** What `schemas/battery.schema.json` describes. */
export interface BatteryFile {
  readonly name: string;
  readonly version: string;
  readonly probes: readonly Probe[];
  readonly variants?: readonly Variant[];
}

/** Problems told at once; a file that is wrong all over needs no longer list. */
const MAX_PROBLEMS = 5;

let compiled: ValidateFunction<BatteryFile> | undefined;

/** Compiled on first use, for a run of the gate's own tiers never needs it; a test holds the schema against its meta-schema. */
function validator(): ValidateFunction<BatteryFile> {
  // verbose: the failing part of the schema comes with each error, and its description is what the message says is accepted.
  compiled ??= new Ajv2020({ allErrors: true, verbose: true, meta: false, validateSchema: false }).compile<BatteryFile>(
    schema,
  );
  return compiled;
}

function toPath(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step.replaceAll('~1', '/').replaceAll('~0', '~')));
}

/** A value as JSON on one line, at most 60 characters. */
function show(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'a mapping';
  if (value === null || value === undefined) return 'nothing';
  const json = JSON.stringify(value) ?? String(value);
  return json.length > 60 ? `${json.slice(0, 57)}…` : json;
}

/** The known key that was probably meant: at most two letters away, or none. */
function suggestion(key: string, known: readonly string[]): string {
  const nearest = closest(key.slice(0, 100), known);
  return distance(key.slice(0, 100), nearest) <= 2 ? `did you mean ${nearest}?` : `accepted: ${known.join(', ')}`;
}

function unknownKey(error: ErrorObject): string | undefined {
  const key: unknown = error.params.additionalProperty;
  return typeof key === 'string' ? key : undefined;
}

function describe(error: ErrorObject, document: SourceDocument): string {
  const key = unknownKey(error);
  const line = document.lineOf(toPath(error.instancePath), key);
  const place = `${error.instancePath || '/'} (line ${line})`;
  const parent = error.parentSchema;
  if (key !== undefined) {
    return `${place}: unknown key ${show(key)}; ${suggestion(key, Object.keys(Object(parent?.properties)))}`;
  }
  if (error.keyword === 'required') return `${place}: the key ${error.params.missingProperty} is missing`;
  return `${place}: found ${show(error.data)}; accepted: ${parent?.description ?? error.message}`;
}

/** One problem a place: ajv tells each failing keyword, and their messages would say the same. */
function problemsOf(errors: readonly ErrorObject[], document: SourceDocument): readonly string[] {
  const problems = new Map<string, string>();
  for (const error of errors) {
    const place = `${error.instancePath} ${unknownKey(error) ?? error.params.missingProperty ?? ''}`;
    if (problems.size <= MAX_PROBLEMS && !problems.has(place)) problems.set(place, describe(error, document));
  }
  return [...problems.values()];
}

function duplicateIds(file: BatteryFile, document: SourceDocument): readonly string[] {
  const first = new Map<string, number>();
  return file.probes.flatMap(({ id }, index) => {
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, index);
      return [];
    }
    const line = document.lineOf(['probes', index, 'id']);
    return [`/probes/${index}/id (line ${line}): ${show(id)} is also the id of /probes/${earlier}; ids are unique`];
  });
}

function refuse(problems: readonly string[], source: string): never {
  const shown = problems.slice(0, MAX_PROBLEMS);
  const more = problems.length > shown.length ? ['and more of the kind'] : [];
  const list = [...shown, ...more].join('; ');
  const end = list.endsWith('?') ? '' : '.';
  throw new ConfigError('battery.invalid', `battery: ${source} is not a battery. ${list}${end}`);
}

/**
 * Holds a parsed file against the schema.
 * @throws {ConfigError} that names the file and, for each of the first five problems, the JSON pointer, the line, what was
 * found and what is accepted.
 */
export function validateBattery(document: SourceDocument, source: string): BatteryFile {
  const { value } = document;
  const accepts = validator();
  if (!accepts(value)) refuse(problemsOf(accepts.errors ?? [], document), source);
  const duplicates = duplicateIds(value, document);
  if (duplicates.length > 0) refuse(duplicates, source);
  return value;
}
