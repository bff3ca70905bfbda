import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InternalError } from '../../../core/errors.js';
import { fileTrouble } from '../../../core/file-errors.js';
import { fileSha256, sha256IfThere } from '../../../core/files.js';
import { cacheUnusable } from '../demo-model/ensure.js';
import { truncateGguf } from './gguf.js';

/**
 * Path of a model that is the first `blocks` blocks of `modelPath`, written beside it once.
 * @param sha256 what the cut file must have: cutting is deterministic, so a cache that was tampered with is noticed
 * @throws InternalError when cutting gives another file; ConfigError when it can't be written
 */
export async function firstBlocks(modelPath: string, blocks: number, sha256: string): Promise<string> {
  const target = modelPath.replace(/\.gguf$/i, `.first-${blocks}-blocks.gguf`);
  if ((await sha256IfThere(target)) === sha256) return target;
  const part = `${target}.${randomUUID()}.part`;
  try {
    await writeFile(part, truncateGguf(await readFile(modelPath), blocks));
    const found = await fileSha256(part);
    if (found !== sha256) {
      throw new InternalError(
        'llama.first-blocks',
        `The first ${blocks} blocks of ${modelPath} came out as ${found}, not ${sha256}.`,
      );
    }
    await rename(part, target);
    return target;
  } catch (error) {
    const trouble = fileTrouble(error);
    throw trouble === null ? error : cacheUnusable(dirname(target), trouble, error);
  } finally {
    await rm(part, { force: true });
  }
}
