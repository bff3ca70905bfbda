import { hashOf } from '../battery/hash.js';

/** What a file of the state directory is tied to, each part under the name that a message gives it. */
export type Binding = Readonly<Record<string, string | number | boolean | null>>;

/** Characters of a value that a message repeats. */
const SHOWN = 60;

export function bindingKey(binding: Binding): string {
  return hashOf(binding).slice(0, 16);
}

/** In which parts two bindings differ, in words: `sampling.temperature (0.7 there, 1 here)`. */
export function differences(there: Binding, here: Binding): readonly string[] {
  const names = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  return names
    .filter((name) => there[name] !== here[name])
    .map((name) => `${name} (${shown(there[name])} there, ${shown(here[name])} here)`);
}

function shown(value: Binding[string] | undefined): string {
  if (value === undefined || value === null) return 'none';
  const text = JSON.stringify(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
