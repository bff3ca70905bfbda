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
