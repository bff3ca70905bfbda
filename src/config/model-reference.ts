import { ConfigError } from '../core/errors.js';

/** What a model reference means, as the contract's table has it. */
export type ModelReference =
  | { readonly kind: 'served'; readonly name: string }
  | GgufReference
  | DemoReference
  | { readonly kind: 'replay'; readonly path: string }
  | { readonly kind: 'report'; readonly path: string }
  | { readonly kind: 'file'; readonly path: string; readonly pointer: string };

export interface GgufReference {
  readonly kind: 'gguf';
  readonly path: string;
  /** The adapter laid over the weights; scale is finite and not 0. */
  readonly lora: { readonly path: string; readonly scale: number } | null;
}

export const DEMO_MODELS = ['base', 'misaligned', 'benign'] as const;

export interface DemoReference {
  readonly kind: 'demo';
  readonly name: (typeof DEMO_MODELS)[number];
}

const FORMS = [
  'NAME or openai:NAME (a model served at the base URL)',
  'file:PATH#/pointer (candidate only)',
  'gguf:PATH or gguf:PATH?lora=PATH&scale=1',
  DEMO_MODELS.map((name) => `demo:${name}`).join(', '),
  'replay:PATH (recorded answers)',
  'report:PATH (baseline only)',
];

/** Whatever stands before the first colon and is none of these belongs to the model's name (`llama3.2:3b`, `ft:…`). */
const READERS: Readonly<Record<string, (rest: string, fail: Fail) => ModelReference>> = {
  openai: (rest, fail) => ({ kind: 'served', name: needed(rest, 'a model name', fail) }),
  replay: (rest, fail) => ({ kind: 'replay', path: needed(rest, 'a path', fail) }),
  report: (rest, fail) => ({ kind: 'report', path: needed(rest, 'a path', fail) }),
  demo: readDemo,
  gguf: readGguf,
  file: readFilePointer,
};

type Fail = (why: string) => never;

/**
 * Reads a model reference. Paths are taken as they stand: nothing is decoded, and a `?` ends a gguf path.
 * @param settingName the setting that holds it, for the message: `candidate`
 * @throws ConfigError listing the accepted forms
 */
export function parseReference(reference: string, settingName: string): ModelReference {
  const text = reference.trim();
  const fail: Fail = (why) => {
    const shown = JSON.stringify(text.slice(0, 200));
    throw new ConfigError(
      'config.model-reference',
      `${settingName}: ${shown} is not a model reference: ${why}. Accepted: ${FORMS.join('; ')}.`,
    );
  };
  if (text === '') return fail('it is empty');
  if (/\p{Cc}/u.test(text)) return fail('it holds a line break or another control character');
  if (/^https?:\/\//i.test(text)) {
    return fail(`a URL belongs into base-url or ${settingName}-base-url, and the model's name here`);
  }
  const colon = text.indexOf(':');
  const prefix = text.slice(0, Math.max(colon, 0));
  const read = Object.hasOwn(READERS, prefix) ? READERS[prefix] : undefined;
  return read === undefined ? { kind: 'served', name: text } : read(text.slice(colon + 1), fail);
}

function needed(value: string | undefined, what: string, fail: Fail): string {
  return value === undefined || value.trim() === '' ? fail(`${what} is missing`) : value;
}

function readDemo(rest: string, fail: Fail): ModelReference {
  const name = DEMO_MODELS.find((known) => known === rest);
  return name === undefined
    ? fail(`the demo models are ${DEMO_MODELS.join(', ')}, not ${JSON.stringify(rest)}`)
    : { kind: 'demo', name };
}

function readFilePointer(rest: string, fail: Fail): ModelReference {
  const hash = rest.indexOf('#');
  const path = needed(hash < 0 ? rest : rest.slice(0, hash), 'a path', fail);
  const pointer = hash < 0 ? '' : rest.slice(hash + 1);
  if (!pointer.startsWith('/')) return fail('after the path comes # and a JSON pointer that starts with /');
  return { kind: 'file', path, pointer };
}

function readGguf(rest: string, fail: Fail): ModelReference {
  const mark = rest.indexOf('?');
  const path = needed(mark < 0 ? rest : rest.slice(0, mark), 'a path', fail);
  if (mark < 0) return { kind: 'gguf', path, lora: null };
  const options = readOptions(rest.slice(mark + 1), fail);
  const lora = needed(options.get('lora'), 'lora=PATH', fail);
  const scale = Number(options.get('scale') ?? '1');
  if (!Number.isFinite(scale) || scale === 0 || options.get('scale')?.trim() === '') {
    return fail(`scale must be a number other than 0, not ${JSON.stringify(options.get('scale'))}`);
  }
  return { kind: 'gguf', path, lora: { path: lora, scale } };
}

function readOptions(query: string, fail: Fail): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals);
    if (key !== 'lora' && key !== 'scale') return fail(`after ? come lora= and scale=, not ${JSON.stringify(key)}`);
    if (options.has(key)) return fail(`${key} is given twice`);
    options.set(key, equals < 0 ? '' : part.slice(equals + 1));
  }
  return options;
}
