import type { Estimate, Interval } from '../verdict/verdict.js';

/** Cells of an interval bar: wide enough to tell 3 % steps, narrow enough for a table on a phone. */
export const BAR_CELLS = 24;

/**
 * An interval on a line of block characters: `█` the estimate, `▒` the interval, `░` the rest of the scale, `┃` marks
 * (a margin, zero) where the estimate leaves them room.
 *
 * @param scale the values of the bar's two ends, lower < upper
 */
export function intervalBar(
  value: Estimate,
  scale: Interval,
  marks: readonly number[] = [],
  cells: number = BAR_CELLS,
): string {
  const cellOf = (x: number) =>
    Math.min(cells - 1, Math.max(0, Math.floor(((x - scale.lower) / (scale.upper - scale.lower)) * cells)));
  const marked = new Set(marks.filter((mark) => mark >= scale.lower && mark <= scale.upper).map(cellOf));
  const [from, at, to] = [cellOf(value.lower), cellOf(value.estimate), cellOf(value.upper)];
  return Array.from({ length: cells }, (_, cell) => {
    if (cell === at) return '█';
    if (marked.has(cell)) return '┃';
    return cell >= from && cell <= to ? '▒' : '░';
  }).join('');
}

/** From 0 to a round fraction that holds every interval: rates of both models on one scale. */
export function rateScale(values: readonly Estimate[]): Interval {
  return { lower: 0, upper: roundUp(Math.max(0.01, ...values.map((value) => value.upper))) };
}

/** Symmetric round zero, so that "no difference" is always the middle of the bar. */
export function differenceScale(value: Estimate, margin: number): Interval {
  const reach = roundUp(Math.max(Math.abs(value.lower), Math.abs(value.upper), 1.2 * margin));
  return { lower: -reach, upper: reach };
}

const ROUND_FRACTIONS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];

function roundUp(fraction: number): number {
  return ROUND_FRACTIONS.find((round) => round >= fraction) ?? 1;
}
