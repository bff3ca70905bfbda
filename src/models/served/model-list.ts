import { distance } from 'fastest-levenshtein';
import { parseJson } from '../../core/json.js';
import { asObject, inertWords } from './failures/error-body.js';

/** What a server's `GET /models` says of one model. */
export interface ListedModel {
  readonly id: string;
  /** vLLM: the weights behind a name, and the model that an adapter is laid over. */
  readonly root: string | null;
  readonly parent: string | null;
  readonly ownedBy: string | null;
  /** When the provider retires it, as it words that. */
  readonly shutdownDate: string | null;
}

/** @returns null for what is no such list */
export function readListing(body: string): readonly ListedModel[] | null {
  const data = asObject(parseJson(body))?.data;
  if (!Array.isArray(data)) return null;
  return data.flatMap((entry: unknown) => {
    const { id, root, parent, owned_by, shutdown_date } = asObject(entry) ?? {};
    if (typeof id !== 'string') return [];
    return [
      {
        id,
        root: text(root),
        parent: text(parent),
        ownedBy: text(owned_by),
        shutdownDate: dateOf(shutdown_date),
      },
    ];
  });
}

/** Null for one that is not on the list. */
export function listedAs(model: string, list: readonly ListedModel[]): ListedModel | null {
  // llama.cpp serves the one model that it has under any name; Ollama lists names that were given no tag with one.
  const only = list.length === 1 && list[0]?.ownedBy === 'llamacpp' ? list[0] : null;
  return list.find(({ id }) => id === model) ?? list.find(({ id }) => id === `${model}:latest`) ?? only;
}

const MAX_NAMES = 10;

/** Names for a message, those most like this one first. */
export function nearestFirst(model: string, names: readonly string[]): string {
  const sorted = names.toSorted((a, b) => distance(model, a) - distance(model, b));
  const shown = sorted
    .slice(0, MAX_NAMES)
    .map((name) => `"${inertWords(name)}"`)
    .join(', ');
  return names.length > MAX_NAMES ? `${shown} and ${names.length - MAX_NAMES} more` : shown;
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? inertWords(value) : null;
}

/** Seconds since the epoch, or a date in words. */
function dateOf(value: unknown): string | null {
  if (typeof value !== 'number') return text(value);
  const date = new Date(value * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}

/** One adapter of a llama.cpp server, and how strongly it applies. */
export interface Adapter {
  readonly id: number;
  readonly scale: number;
}

/** @returns the adapters of `GET /lora-adapters`; none for anything else */
export function readAdapters(body: string): readonly Adapter[] {
  const list = parseJson(body);
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const { id, scale } = asObject(entry) ?? {};
    return typeof id === 'number' && typeof scale === 'number' ? [{ id, scale }] : [];
  });
}
