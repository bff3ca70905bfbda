import { type Summary, summarise } from '../support/summary.js';
import { unevenly } from './rates.js';
import type { Shape } from './shapes.js';
import { type Setting, simulate } from './simulate.js';

/** Margin and tolerance that a team may choose between, and what they cost. */
export const CHOICES: readonly { readonly name: string; readonly setting: Setting }[] = [
  { name: 'defaults (margin 1 pp, tolerance 0.5 pp)', setting: {} },
  { name: 'tolerance: 0', setting: { settings: { tolerance: 0 } } },
  { name: 'margin: 0.005', setting: { settings: { margin: 0.005 } } },
  { name: 'margin: 0.005, tolerance: 0', setting: { settings: { margin: 0.005, tolerance: 0 } } },
];

/** By candidate's and baseline's rate. */
const MODELS = [
  { name: '4.7 % against 0.1 %', candidate: 0.047, baseline: 0.001 },
  { name: '0.96 % against 0.42 %', candidate: 0.0096, baseline: 0.0042 },
  { name: '0.68 % against 0.07 %', candidate: 0.0068, baseline: 0.0007 },
  { name: '0.35 % against 0.1 %', candidate: 0.0035, baseline: 0.001 },
  { name: 'unchanged, 0 %', candidate: 0, baseline: 0 },
  { name: 'unchanged, 0.1 %', candidate: 0.001, baseline: 0.001 },
  { name: 'unchanged, 1 %', candidate: 0.01, baseline: 0.01 },
  { name: 'unchanged, 5 %', candidate: 0.05, baseline: 0.05 },
] as const;

export interface ChoiceRow extends Summary {
  readonly shape: string;
  readonly choice: string;
  readonly model: string;
}

export function choiceRows(
  shape: Shape,
  { name, setting }: (typeof CHOICES)[number],
  size: { readonly runs: number; readonly seed: number },
): readonly ChoiceRow[] {
  return MODELS.map(({ name: model, candidate, baseline }) => {
    const truth = { candidate: unevenly(shape, candidate), baseline: unevenly(shape, baseline) };
    return { shape: shape.name, choice: name, model, ...summarise(simulate(shape, truth, setting, size)) };
  });
}
