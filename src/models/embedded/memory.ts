import { stat } from 'node:fs/promises';
import { freemem } from 'node:os';
import { ProviderError } from '../../core/errors.js';

/** Beside the weights: the cache of a conversation, llama.cpp's buffers, Node itself. */
const BESIDE_BYTES = 200e6;

/**
 * Weights that don't fit into memory are read from disk again for every token, or get the process killed.
 * @param setting with its value, for the message: `candidate: gguf:tuned.gguf`
 * @throws ProviderError `llama.no-memory`
 */
export async function assertRoom(
  paths: readonly string[],
  setting: string,
  free: number = availableMemory(),
): Promise<void> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path)).size));
  const needed = sizes.reduce((sum, size) => sum + size, BESIDE_BYTES);
  if (needed <= free) return;
  throw new ProviderError(
    'llama.no-memory',
    `${setting}: there is too little memory for it: it needs about ${gigabytes(needed)}, and ${gigabytes(free)} are free. ` +
      'Take a smaller model or a stronger quantisation, or a larger machine',
  );
}

/** A container's limit counts, where this Node knows of it. */
function availableMemory(): number {
  return (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem();
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}

/** How llama.cpp, C++, Node and the system say that memory did not suffice. */
const SAYINGS =
  /bad_alloc|out of memory|allocation failed|(can ?not|failed to|unable to) allocate|resource temporarily unavailable/i;

/** The line that says so, or null. */
export function memoryShortage(words: string): string | null {
  return words.split('\n').find((line) => SAYINGS.test(line)) ?? null;
}

/** Whether so much could not be had now. Asked where a failure names no cause. */
export function isShortOf(bytes: number): boolean {
  // A container's limit, where this Node knows of it. A limit on the process shows only in the attempt.
  const { availableMemory } = process as { availableMemory?: () => number };
  if (availableMemory !== undefined && availableMemory() < bytes) return true;
  try {
    return new ArrayBuffer(bytes).byteLength < bytes;
  } catch {
    return true;
  }
}
