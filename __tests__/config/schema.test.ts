import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import { INPUTS } from '../../src/config/inputs.js';
import { LEAST, resolve } from './support.js';

interface Entry {
  readonly name: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}

/** Every setting of the schema by its dotted name. */
function settings(node: object = schema, path = ''): readonly Entry[] {
  const { properties = {}, anyOf = [] } = node as { properties?: Record<string, object>; anyOf?: object[] };
  const own = Object.entries(properties).flatMap(([key, child]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return [{ ...child, name }, ...settings(child, name)];
  });
  return [...own, ...anyOf.flatMap((branch) => settings(branch, path))];
}

const compile = () => new Ajv2020({ strict: true, allowUnionTypes: true }).compile(schema);

describe('the schema of the settings file', () => {
  it('meets its meta-schema (2020-12) in strict mode, and has an absolute id', () => {
    expect(compile()({})).toBe(true);
    expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
    expect(schema.$id).toMatch(/^[a-z]+:/);
  });

  it('knows every input of the contract but secrets and where the settings file itself is found', () => {
    const inputs = INPUTS.filter(({ name, secret }) => !secret && name !== 'config' && name !== 'config-from');
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining(inputs.map(({ name }) => name)));
    const secrets = INPUTS.filter(({ secret }) => secret).map(({ name }) => name);
    expect(Object.keys(schema.properties).filter((name) => secrets.includes(name))).toEqual([]);
  });

  it('says of every setting what it is', () => {
    expect(settings().filter(({ description = '' }) => description.length < 10)).toEqual([]);
  });

  it('has the defaults that the gate has', () => {
    const { effective } = resolve({ inputs: LEAST });
    const shown = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
    const defaults = new Map(settings().map(({ name, default: value }) => [name, shown(value)]));
    const compared = effective.filter(({ name, source }) => source === 'default' && !name.endsWith('base-url'));
    expect(compared.length).toBeGreaterThan(30);
    expect(compared.map(({ name }) => [name, defaults.get(name)])).toEqual(
      compared.map(({ name, value }) => [name, value]),
    );
  });

  it('gives examples and defaults that it accepts itself', () => {
    const accepts = compile();
    const asFile = (name: string, value: unknown) =>
      name.split('.').reduceRight((inner, key) => ({ [key]: inner }), value);
    const wrong = settings().flatMap(({ name, examples = [], default: value }) =>
      [...examples, ...(value === undefined ? [] : [value])]
        .filter((example) => !accepts(asFile(name, example)))
        .map(() => name),
    );
    expect(wrong).toEqual([]);
  });

  it('lets every setting be locked, and nothing else', () => {
    const keys = Object.keys(schema.properties).filter((name) => name !== '$schema' && name !== 'locked');
    expect(schema.properties.locked.items.enum).toEqual(keys);
  });
});
