/** Hears of what begins and ends: where nothing does for long, and nothing has its end ahead, a run stands still. */
export interface Activity {
  /**
   * Something begins.
   * @param what as a message names it: "requests to http://localhost:8000"
   * @param withinMs by then it ends by itself; `Infinity` for what takes as long as it takes, 0 for what has no limit of its own
   * @returns to be called when it has ended
   */
  begun(what: string, withinMs?: number): () => void;
  /** The same, of a promise. */
  during<T>(what: string, withinMs: number, work: () => Promise<T>): Promise<T>;
}

/** For who has nobody watching. */
export const UNWATCHED: Activity = { begun: () => () => {}, during: (_, __, work) => work() };
