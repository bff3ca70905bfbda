import PQueue from 'p-queue';

/** What draws or judges in this process. Served models queue at their endpoint's throttle instead (models/limits/). */
export interface Lane {
  readonly name: string;
  /** How many at once; null where no limit makes sense here (recordings, served models). */
  readonly limit: number | null;
}

/** Judging comes before drawing, so that answers do not pile up unjudged; then what the present block waits for. */
export const JUDGING = 1;

/** The earlier block first, and in it the baseline, which must be complete before candidate answers count. */
export function drawingPriority(block: number, isBaseline: boolean): number {
  return -(2 * block + (isBaseline ? 0 : 1));
}

/** One queue a lane. */
export class Lanes {
  readonly #queues = new Map<string, PQueue>();

  /**
   * Runs the task when its lane has room.
   * @throws the signal's reason when it aborts while the task waits; afterwards what the task throws
   */
  async run<T>(lane: Lane, priority: number, signal: AbortSignal, task: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (lane.limit === null) return task();
    const queue = this.#queues.get(lane.name) ?? new PQueue({ concurrency: lane.limit });
    this.#queues.set(lane.name, queue);
    return queue.add(task, { priority, signal });
  }
}
