import { describe, expect, it } from '@jest/globals';
import { isShortOf, memoryShortage } from '../../../src/models/embedded/memory.js';

describe('how a shortage of memory is told from other failures', () => {
  // As found when a process's address space was limited, step by step.
  it.each([
    "terminate called after throwing an instance of 'std::bad_alloc'",
    '# Fatal process out of memory: Zone',
    'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    'llama_model_load: error loading model: mmap failed: Cannot allocate memory',
    'llama_model_load: error loading model: unable to allocate AMX buffer',
    'llama_model_load: error loading model: Resource temporarily unavailable',
    'ggml_gallocr_reserve_n_impl: failed to allocate CPU buffer of size 51512320',
    'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 512 MiB on device 0: cudaMalloc failed: out of memory',
  ])('by its words: %s', (words) => {
    const trace = Array.from({ length: 40 }, (_, i) => ` ${i}: 0xd32b41 node::Start(int, char**) [/usr/bin/node]`);
    expect(memoryShortage([words, ...trace].join('\n'))).toBe(words);
  });

  it.each(['', 'Failed to load model; unknown model architecture', "key not found in model: tokenizer's allocation"])(
    'and not where nothing says so: %j',
    (words) => expect(memoryShortage(words)).toBeNull(),
  );

  it('or by trying, where there are no words', () => {
    expect(isShortOf(1e6)).toBe(false);
    expect(isShortOf(Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});
