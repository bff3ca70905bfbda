import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const FOLDER = join('bench', 'results');

/** Results as the documentation's pictures are drawn from them. Parts that weren't run stay as they were. */
export async function saveResults(name: string, parts: Readonly<Record<string, unknown>>): Promise<void> {
  const path = join(FOLDER, `${name}.json`);
  const before: unknown = JSON.parse(await readFile(path, 'utf8').catch(() => '{}'));
  await mkdir(FOLDER, { recursive: true });
  const all = { ...(before as Record<string, unknown>), ...parts };
  await writeFile(path, `${JSON.stringify(all, rounded, 1)}\n`);
  console.log(`Written: ${path}`);
}

/** Six digits: more would be noise in a diff. */
function rounded(_: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(6)) : value;
}
