import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import manifest from '../../package.json' with { type: 'json' };

let root: string | null = null;

/** The folder of this package (it holds `action.yml`), whether the code runs from `src/` or from the bundle in `dist/`. */
export function packageRoot(): string {
  root ??= find(dirname(fileURLToPath(import.meta.url)));
  return root;
}

function find(folder: string): string {
  if (existsSync(join(folder, 'action.yml'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('package root not found: no action.yml above the program');
  return find(parent);
}

/** This package's version, as in package.json. */
export const VERSION: string = manifest.version;
