import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv, type ValidateFunction } from 'ajv';
import ajvFormats from 'ajv-formats';

type Json = Record<string, unknown>;

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Json;
  readonly 'x-multi-segment'?: boolean;
}

/** A request as it came in, before anything is known of it. */
export interface Incoming {
  readonly method: string;
  /** The path as sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** A request that matches an operation of GitHub's published description. */
export interface Matched {
  /** `GET /repos/{owner}/{repo}`, as the description has it. */
  readonly route: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** What any operation may answer, whether or not its description repeats it: no right, or no such thing. */
const EVERYWHERE = [403, 404];

/**
 * GitHub's REST API as GitHub itself publishes it (@octokit/openapi), to check requests and an emulator's own answers
 * against. Read once, lazily (13 MB); schemas are compiled only for operations that are used.
 */
export class GithubDescription {
  static #shared: GithubDescription | null = null;
  readonly #document: Json;
  readonly #ajv = new Ajv({ strict: false, allErrors: true, coerceTypes: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  static shared(): GithubDescription {
    GithubDescription.#shared ??= new GithubDescription();
    return GithubDescription.#shared;
  }

  private constructor() {
    const file = createRequire(import.meta.url).resolve('@octokit/openapi/generated/api.github.com.json');
    this.#document = JSON.parse(readFileSync(file, 'utf8')) as Json;
    ajvFormats.default(this.#ajv);
  }

  /** The operation that a request means; among several the one with the most literal path. */
  match({ method, path }: Incoming): Matched | null {
    const routes = Object.keys(this.#document.paths as Json)
      .filter((template) => method.toLowerCase() in (this.#at('paths', template) as Json))
      .flatMap((template) => {
        const parameters = matchPath(template, path, this.#multiSegment(method, template));
        return parameters ? [{ route: `${method} ${template}`, parameters }] : [];
      });
    return routes.sort((one, other) => variables(one.route) - variables(other.route))[0] ?? null;
  }

  /** What is wrong with a request's parameters and body. */
  requestProblems(matched: Matched, { query, body }: Incoming): string[] {
    const declared = this.#parameters(matched.route);
    const unknown = [...query.keys()].filter(
      (name) => !declared.some((entry) => entry.in === 'query' && entry.name === name),
    );
    const problems = declared.flatMap((parameter) => this.#parameterProblems(parameter, matched, query));
    return [
      ...unknown.map((name) => `unknown query parameter ${name}`),
      ...problems,
      ...this.#bodyProblems(matched.route, body),
    ];
  }

  /** What is wrong with an answer: an undocumented status, or a body unlike its schema. */
  responseProblems(route: string, status: number, body: unknown): string[] {
    const response = (this.#operation(route).responses as Json)[String(status)];
    if (response === undefined) return EVERYWHERE.includes(status) ? [] : [`status ${status} is not described`];
    const schema = jsonSchema(this.#resolve(response as Json));
    if (schema === null) return body === null ? [] : ['a body where none is described'];
    return this.#problems(`${route} ${status}`, schema, body);
  }

  /** GitHub's own example of a component: the start of a realistic answer. */
  example(name: string): Json {
    return structuredClone((this.#at('components', 'examples', name) as { value: Json }).value);
  }

  #multiSegment(method: string, template: string): readonly string[] {
    return this.#parameters(`${method} ${template}`)
      .filter((parameter) => parameter['x-multi-segment'] || parameter.name === 'branch')
      .map((parameter) => parameter.name);
  }

  #parameterProblems(parameter: Parameter, matched: Matched, query: URLSearchParams): string[] {
    const raw = parameter.in === 'path' ? matched.parameters[parameter.name] : query.get(parameter.name);
    if (raw === undefined || raw === null) return parameter.required ? [`${parameter.name} is missing`] : [];
    const value = parameter.schema.type === 'integer' && /^-?\d+$/.test(raw) ? Number(raw) : raw;
    return this.#problems(`${matched.route} ${parameter.name}`, parameter.schema, value);
  }

  #bodyProblems(route: string, body: unknown): string[] {
    const request = this.#operation(route).requestBody as Json | undefined;
    if (!request) return body === null ? [] : ['a body where none is described'];
    const schema = jsonSchema(request) as Json;
    const known = Object.keys((schema.properties as Json | undefined) ?? {});
    const unknown = Object.keys((body as Json | null) ?? {}).filter((key) => !known.includes(key));
    return [...unknown.map((key) => `unknown field ${key}`), ...this.#problems(`${route} body`, schema, body)];
  }

  #problems(name: string, schema: Json, value: unknown): string[] {
    const validate = this.#compiled.get(name) ?? this.#ajv.compile(this.#selfContained(schema));
    this.#compiled.set(name, validate);
    if (validate(value)) return [];
    return (validate.errors ?? []).map((error) => `${name}: ${error.instancePath} ${error.message}`);
  }

  /** The schema with all it refers to, in JSON Schema's words instead of OpenAPI 3.0's. */
  #selfContained(schema: Json): Json {
    const $defs: Json = {};
    const convert = (node: unknown): unknown => {
      if (Array.isArray(node)) return node.map(convert);
      if (typeof node !== 'object' || node === null) return node;
      const { nullable, ...rest } = node as Json;
      const entries = Object.entries(rest).filter(([key]) => !['example', 'examples', 'discriminator'].includes(key));
      const converted = Object.fromEntries(
        entries.map(([key, value]) => [key, key === '$ref' ? refer(String(value)) : convert(value)]),
      );
      return nullable === true ? { anyOf: [{ type: 'null' }, converted] } : converted;
    };
    const refer = (reference: string): string => {
      const name = reference.split('/').at(-1) ?? '';
      if (!(name in $defs)) {
        $defs[name] = {};
        $defs[name] = convert(this.#at('components', 'schemas', name));
      }
      return `#/$defs/${name}`;
    };
    return { ...(convert(schema) as Json), $defs };
  }

  #parameters(route: string): Parameter[] {
    return ((this.#operation(route).parameters as Json[] | undefined) ?? []).map(
      (entry) => this.#resolve(entry) as unknown as Parameter,
    );
  }

  #operation(route: string): Json {
    const [method = '', template = ''] = route.split(' ');
    return this.#at('paths', template, method.toLowerCase()) as Json;
  }

  #resolve(node: Json): Json {
    return typeof node.$ref === 'string' ? (this.#at(...node.$ref.split('/').slice(1)) as Json) : node;
  }

  #at(...path: readonly string[]): unknown {
    return path.reduce<unknown>((node, key) => (node as Json)[key], this.#document);
  }
}

function jsonSchema(holder: Json): Json | null {
  const content = holder.content as Record<string, { schema: Json }> | undefined;
  return content?.['application/json']?.schema ?? null;
}

function variables(route: string): number {
  return route.split('{').length;
}

function matchPath(template: string, path: string, multi: readonly string[]): Record<string, string> | null {
  const pattern = template
    .replace(/[.]/g, '\\.')
    .replace(/\{(\w+)\}/g, (_, name: string) => (multi.includes(name) ? '(.+)' : '([^/]+)'));
  const values = new RegExp(`^${pattern}$`).exec(path)?.slice(1);
  if (!values) return null;
  const names = [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(values[at] ?? '')]));
}
