import { type Outcome, type Summary, summarise } from '../support/summary.js';
import { unevenly } from './rates.js';
import type { Shape } from './shapes.js';
import { simulate } from './simulate.js';

/** Of the pictures in docs/statistics.md: a baseline at 0.1 %, and a candidate so much worse. Fractions. */
const BASELINE = 0.001;
const SHIFTS = [
  0, 0.0015, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01, 0.012, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2, 0.4,
];

/** How often a team might try again. */
const ATTEMPTS = 5;
const MARGIN = 0.01;

export interface CurvePoint extends Summary {
  readonly shape: string;
  readonly difference: number;
}

/** Verdicts and their cost by how much worse the candidate truly is. */
export function curve(shape: Shape, size: { readonly runs: number; readonly seed: number }): readonly CurvePoint[] {
  return SHIFTS.map((difference) => ({
    shape: shape.name,
    difference,
    ...summarise(simulate(shape, truthAt(shape, difference), {}, size)),
  }));
}

export interface RestartPoint {
  readonly shape: string;
  readonly attempts: number;
  /** Share of candidates that passed in one of the first `attempts` runs. */
  readonly everPassed: number;
}

/** A candidate exactly at the margin, started afresh until it passes, as if no counts were kept. */
export function restarts(
  shape: Shape,
  size: { readonly runs: number; readonly seed: number },
): readonly RestartPoint[] {
  const outcomes = simulate(shape, truthAt(shape, MARGIN), {}, { ...size, runs: size.runs * ATTEMPTS });
  return Array.from({ length: ATTEMPTS }, (_, last) => {
    const passes = Array.from({ length: size.runs }, (_, team) => passedWithin(outcomes, team, last + 1));
    return {
      shape: shape.name,
      attempts: last + 1,
      everPassed: passes.filter(Boolean).length / size.runs,
    };
  });
}

function passedWithin(outcomes: readonly Outcome[], team: number, attempts: number): boolean {
  const own = outcomes.slice(team * ATTEMPTS, team * ATTEMPTS + attempts);
  return own.some(({ verdict }) => verdict === 'pass');
}

function truthAt(shape: Shape, difference: number) {
  return { candidate: unevenly(shape, BASELINE + difference), baseline: unevenly(shape, BASELINE) };
}
