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
  /** Of each model. */
  readonly threads: number;
  /** Answers that one model draws at a time, in one batch. */
  readonly sequences: number;
  /** Both models in one process, which loads weights that they share only once. */
  readonly oneProcess: boolean;
}

/** From here on there is something to share out. */
const MANY_CORES = 4;

/**
 * On few cores one thread a process, each model in its own: llama.cpp's threads spin while they wait, and starve the other
 * model's; measured on two cores, 223 tokens a second against 123 in one process of two threads, and batches gain nothing.
 */
const SMALL: Spread = { gpu: false, threads: 1, sequences: 1, oneProcess: false };

/** In a batch the last digits of a token's probability depend on its neighbours: answers repeat word for word on few cores only. */
export function spreadOn({ cores, gpu }: Machine): Spread {
  if (gpu) return { gpu: true, threads: Math.max(1, Math.floor(cores / 2)), sequences: 8, oneProcess: true };
  if (cores < MANY_CORES) return SMALL;
  // One core is left to the judge and to the gate itself.
  return { gpu: false, threads: Math.floor((cores - 1) / 2), sequences: 4, oneProcess: true };
}

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
