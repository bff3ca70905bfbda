export interface Interval {
  readonly lower: number;
  readonly upper: number;
}

export interface Estimate extends Interval {
  /** The point: from all judged answers, the open block's included. */
  readonly estimate: number;
}
