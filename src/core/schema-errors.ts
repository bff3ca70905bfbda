import type { AnySchemaObject, ErrorObject } from 'ajv';
import { INPUTS } from '../config/inputs.js';
import { describeRange, shown } from '../config/parse-values.js';
import { nearest } from './suggest.js';
import type { SettingsDocument } from './yaml.js';

/** So many are told at once; a file that is wrong all over needs no longer list. */
const MAX_PROBLEMS = 20;
/** A longer list of accepted words is no help; the nearest of them is. */
const MAX_LISTED = 8;

/** What the schema has against a settings file: a line each, in the order of the file. */
export function problemsOf(errors: readonly ErrorObject[], document: SettingsDocument): readonly string[] {
  const problems = withoutBranches(errors);
  const told = problems
    .slice(0, MAX_PROBLEMS)
    .map((error) => describe(error, document))
    .sort((a, b) => a.line - b.line)
    .map(({ words }) => words);
  const rest = problems.length > MAX_PROBLEMS ? ['… and more of the kind'] : [];
  return [...new Set(told), ...rest];
}

/**
 * Of an `anyOf` either the choice itself is worth telling, or, where one branch was clearly meant (a mapping with a wrong
 * key), what is wrong inside it.
 */
function withoutBranches(errors: readonly ErrorObject[]): readonly ErrorObject[] {
  return errors
    .filter(({ keyword }) => keyword === 'anyOf')
    .reduce((left, choice) => {
      // What stands below the choice, or at it in one of its branches. A `$ref` in a branch has a schema path of its own.
      const isInside = (error: ErrorObject) =>
        error.instancePath.startsWith(`${choice.instancePath}/`) ||
        (error.instancePath === choice.instancePath && error.schemaPath.startsWith(`${choice.schemaPath}/`));
      const isMeant = (error: ErrorObject) =>
        isInside(error) && (error.instancePath !== choice.instancePath || error.keyword === 'additionalProperties');
      return left.some(isMeant)
        ? left.filter((error) => error !== choice && (!isInside(error) || isMeant(error)))
        : left.filter((error) => !isInside(error));
    }, errors);
}

function describe(error: ErrorObject, document: SettingsDocument): { words: string; line: number } {
  const at = error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const unknown: unknown = error.params.additionalProperty;
  const path = typeof unknown === 'string' ? [...at, unknown] : at;
  const line = document.lineOf(path);
  const place = line === null ? '' : ` (line ${line})`;
  const name = nameOf(path);
  const words =
    typeof unknown === 'string'
      ? `${name}${place}: ${describeUnknown(unknown, at, error)}`
      : `${name}: ${describeValue(error)}${place}`;
  return { words, line: line ?? 0 };
}

/** Keys come from the file: what is no plain word is quoted. */
export function nameOf(path: readonly string[]): string {
  if (path.length === 0) return 'the file';
  return path.map((key) => (/^[\w$-]{1,60}$/.test(key) ? key : shown(key))).join('.');
}

function describeUnknown(key: string, at: readonly string[], error: ErrorObject): string {
  if (at.length === 0 && INPUTS.some(({ name, frontEndOnly }) => name === key && frontEndOnly)) {
    return 'only an input or a flag can say this; take it out of the settings file';
  }
  const known = Object.keys(Object(error.parentSchema?.properties)).filter((name) => !name.startsWith('$'));
  const guess = nearest(key, known);
  return `unknown key; ${guess ? `did you mean ${guess}?` : `known here: ${known.join(', ')}`}`;
}

function describeValue({ keyword, data, params, parentSchema = {} }: ErrorObject): string {
  if (keyword === 'required') return `${params.missingProperty} is missing`;
  if (data === null || (typeof data === 'string' && data.trim() === ''))
    return `nothing stands here; give ${accepted(parentSchema)}, or leave the key out`;
  const words: readonly unknown[] | undefined = parentSchema.enum;
  if (words && words.length > MAX_LISTED) {
    const guess = nearest(String(data), words.map(String));
    return `${shown(data)} is no setting of this file${guess ? `; did you mean ${guess}?` : ''}`;
  }
  if (words) return `${shown(data)} is none of ${words.join(', ')}`;
  const quotes = parentSchema.type === 'string' && typeof data !== 'object' && typeof data !== 'string';
  return `${shown(data)} is not ${accepted(parentSchema)}${quotes ? '; put it in quotes' : ''}`;
}

function accepted(schema: AnySchemaObject): string {
  if (schema.anyOf) return (schema.anyOf as AnySchemaObject[]).map(accepted).join(', or ');
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema.const !== undefined) return String(schema.const);
  return [schema.type]
    .flat()
    .map((type) => acceptedType(String(type), schema))
    .join(', or ');
}

function acceptedType(type: string, schema: AnySchemaObject): string {
  switch (type) {
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'a mapping';
    case 'string':
      if (Array.isArray(schema.type)) return `a time such as ${schema.examples?.[0]}`;
      return 'a text';
    default:
      return describeRange({
        min: schema.minimum ?? schema.exclusiveMinimum ?? 0,
        max: schema.maximum ?? schema.exclusiveMaximum,
        integer: type === 'integer',
        above: schema.exclusiveMinimum !== undefined,
        below: schema.exclusiveMaximum !== undefined,
      });
  }
}
