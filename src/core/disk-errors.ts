import { ProviderError } from './errors.js';
import { fileTrouble } from './file-errors.js';

const FULL = new Set(['ENOSPC', 'EDQUOT']);

export function isFull(cause: unknown): boolean {
  return FULL.has((cause as NodeJS.ErrnoException).code ?? '');
}

/** What the file system refused to keep, as an error that ends the run without a verdict: an answer that is not kept must not count. */
export function diskTrouble(cause: unknown, folder: string): ProviderError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const where = `state-dir: ${JSON.stringify(folder)}`;
  if (isFull(cause)) {
    return new ProviderError(
      'state.disk-full',
      `${where}: the disk is full (${code}). What was kept until now stays usable: free some space, or name a state-dir elsewhere, and run again to go on from there`,
      { cause },
    );
  }
  const why = fileTrouble(cause) ?? code ?? message;
  return new ProviderError(
    'state.unwritable',
    `${where}: can't be written to: ${why}. Name another folder, or run with resume: false`,
    { cause },
  );
}
