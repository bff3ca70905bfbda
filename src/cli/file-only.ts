import { type Command, Option } from 'commander';
import schema from '../../schemas/config.schema.json' with { type: 'json' };
import { DEFAULT_CONFIG_PATH } from '../config/find-settings.js';
import { INPUTS } from '../config/inputs.js';
import { ConfigError } from '../core/errors.js';

interface Part {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Part>>;
  readonly anyOf?: readonly Part[];
}

/** Judge and models are inputs too, under names of their own. */
const SAID_OTHERWISE = ['$schema', 'judge.model'];

/** Whoever gives a setting of the settings file as a flag learns where it belongs; no help lists these. */
export function refuseFileOnly(command: Command): void {
  const taken = new Set(command.options.map(({ long }) => long?.slice(2)));
  for (const path of fileOnly()) {
    for (const name of [path.join('.'), path.at(-1) ?? '']) {
      if (taken.has(name)) continue;
      taken.add(name);
      command.addOption(new Option(`--${name} [value]`).hideHelp());
      command.on(`option:${name}`, () => refuse(name, path));
    }
  }
}

/** Every key of the settings file that is no input, down to those of its sections. */
function fileOnly(): readonly (readonly string[])[] {
  return Object.entries(schema.properties as Readonly<Record<string, Part>>).flatMap(([key, part]) => {
    const isInput = INPUTS.some(({ name }) => name === key);
    const inner = keysOf(part).map((name) => [key, name]);
    const paths = isInput ? inner : [[key], ...inner];
    return paths.filter((path) => !SAID_OTHERWISE.includes(path.join('.')));
  });
}

function keysOf({ properties, anyOf = [] }: Part): readonly string[] {
  const own = Object.entries(properties ?? {}).filter(
    ([, { description }]) => !description?.startsWith('Not available'),
  );
  return [...own.map(([name]) => name), ...anyOf.flatMap(keysOf)];
}

function refuse(name: string, path: readonly string[]): never {
  const place = path.length === 1 ? `the key ${path[0]}` : `the key ${path[1]} under ${path[0]}`;
  throw new ConfigError(
    'cli.file-only',
    `--${name}: a setting of the settings file only; give it there as ${place} (${DEFAULT_CONFIG_PATH}, or the file that --config names)`,
  );
}
