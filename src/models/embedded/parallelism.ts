import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** What embedded models have to run on. */
export interface Machine {
  readonly cores: number;
  readonly gpu: boolean;
}

/** How the work of embedded models is spread. */
export interface Spread {
  readonly gpu: boolean;
  /** Of each model: each computes for itself, beside the others. */
  readonly contexts: number;
  /** Of each context. */
  readonly threads: number;
  /** Answers that one context draws at a time, in one batch. */
  readonly sequences: number;
  /** Both models in one process, which loads weights that they share only once. */
  readonly oneProcess: boolean;
}

/** From here on there is something to share out. */
const MANY_CORES = 4;

/** Each takes memory of its own for a conversation. */
const MOST_CONTEXTS = 16;

/**
 * On processors one thread a context: the threads of one context spin while they wait for each other, and where there are more
 * of them than free cores they wait for good (two models with three threads each on two idle cores: 6 tokens in 55 s, against
 * 200 a second). A few more contexts than cores, because each rests between two tokens while the next is chosen: on two cores,
 * both models together, half as many tokens a second again with two contexts each as with one (`bench/embedded`). Batches gain
 * nothing: a second of one thread gave 135 tokens without and 128 in batches of four. So answers repeat word for word; in a batch the last digits
 * of a token's probability depend on its neighbours. A GPU is idle without batches.
 */
export function spreadOn({ cores, gpu }: Machine): Spread {
  if (gpu) {
    const threads = Math.max(1, Math.floor(cores / 2));
    return { gpu, contexts: 1, threads, sequences: 8, oneProcess: true };
  }
  const contexts = cores === 1 ? 1 : Math.min(MOST_CONTEXTS, Math.floor(cores / 2) + 1);
  return { gpu, contexts, threads: 1, sequences: 1, oneProcess: cores >= MANY_CORES };
}

/** For what has little to do. */
export const ONE_BY_ONE = spreadOn({ cores: 1, gpu: false });

export function thisMachine(): Machine {
  return { cores: availableParallelism(), gpu: hasGpu() };
}

/** By what drivers leave in the system: NVIDIA's and AMD's cards; Apple's processors have a GPU. */
export function hasGpu(): boolean {
  if (process.platform === 'darwin') return process.arch === 'arm64';
  const traces =
    process.platform === 'win32'
      ? [join(process.env.SYSTEMROOT ?? 'C:\\Windows', 'System32', 'nvcuda.dll')]
      : ['/dev/nvidia0', '/dev/nvidiactl', '/dev/kfd'];
  return traces.some((path) => existsSync(path));
}
