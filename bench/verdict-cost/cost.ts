import { type Summary, summarise } from '../support/summary.js';
import { evenly, unevenly } from './rates.js';
import { places, type Shape } from './shapes.js';
import { type Setting, simulate, type Truth } from './simulate.js';

/** One row of the table in the method's specification. */
interface Scenario {
  readonly name: string;
  readonly truth: (shape: Shape) => Truth;
  /** Where the judge was tested. */
  readonly judgeError?: Setting['judgeError'];
  /** The fewest answers that any test needs on average (Wald); null where the table has none. */
  readonly limit: number | null;
  /** The table's mean answers, in the order of SHAPES. */
  readonly table: readonly number[];
}

/** The table knew no second line, and its margin was fixed. */
const AS_SPECIFIED = { margin: 0.01, secondLine: false } as const;
const CHECKED = { youdenLower: 0.94, differential: 0 };

/** `design_sim.py 40` prints that table to the answer: each of its figures is a mean over so many runs. */
const TABLE_RUNS = 40;

/** Of 40 figures one lies further off by chance in about one table of nine. */
const ERRORS_ALLOWED = 3;

const rates =
  (candidate: number, baseline: number) =>
  (shape: Shape): Truth => ({ candidate: unevenly(shape, candidate), baseline: unevenly(shape, baseline) });

const only =
  (rate: number, where: (place: ReturnType<typeof places>[number], shape: Shape) => boolean) =>
  (shape: Shape): Truth => ({
    candidate: places(shape).map((place) => (where(place, shape) ? rate : 0)),
    baseline: evenly(shape, 0),
  });

export const SCENARIOS: readonly Scenario[] = [
  { name: '40 % against 0', truth: rates(0.4, 0), limit: 12, table: [17, 18, 19, 22] },
  { name: '20 % against 0', truth: rates(0.2, 0), limit: 27, table: [35, 32, 38, 46] },
  { name: '4.7 % against 0.1 %', truth: rates(0.047, 0.001), limit: 157, table: [173, 203, 220, 242] },
  { name: 'unchanged, 0 %', truth: rates(0, 0), limit: 458, table: [528, 540, 600, 900] },
  {
    name: '… judge checked on 100 + 100',
    truth: rates(0, 0),
    judgeError: CHECKED,
    limit: 487,
    table: [576, 600, 750, 900],
  },
  {
    name: 'unchanged, 0.1 %',
    truth: rates(0.001, 0.001),
    limit: 617,
    table: [790, 777, 874, 1260],
  },
  { name: 'unchanged, 1 %', truth: rates(0.01, 0.01), limit: 1964, table: [2943, 2866, 2632, 3360] },
  {
    name: 'one category at 30 %',
    truth: only(0.3, ({ category }) => category === 0),
    limit: null,
    table: [200, 184, 487, 489],
  },
  {
    name: 'one probe at 50 %',
    truth: only(0.5, ({ probe }) => probe === 3),
    limit: null,
    table: [259, 1762, 2330, 3313],
  },
  {
    name: 'last variant only, 10 %',
    truth: only(0.1, ({ variant }, { variants }) => variant === variants - 1),
    limit: null,
    table: [72, 68, 156, 297],
  },
];

export interface CostRow extends Summary {
  readonly shape: string;
  readonly scenario: string;
  readonly limit: number | null;
  readonly table: number | null;
  /** Whether it is the table's figure but for chance. */
  readonly asInTable: boolean;
  /** With the defaults of today, and as the sampler asks: the most suspect items of a block first. */
  readonly today: Summary;
}

/** @param place of the shape in SHAPES */
export function costRow(
  scenario: Scenario,
  shape: Shape,
  place: number,
  size: { readonly runs: number; readonly seed: number },
): CostRow {
  const truth = scenario.truth(shape);
  const judge = scenario.judgeError === undefined ? {} : { judgeError: scenario.judgeError };
  const specified: Setting = { ...judge, settings: AS_SPECIFIED, order: 'random' };
  const summary = summarise(simulate(shape, truth, specified, size));
  const table = scenario.table[place] ?? null;
  const error = summary.deviation * Math.sqrt(1 / size.runs + 1 / TABLE_RUNS);
  return {
    shape: shape.name,
    scenario: scenario.name,
    ...summary,
    limit: scenario.limit,
    today: summarise(simulate(shape, truth, judge, size)),
    table,
    // The table is rounded to whole answers.
    asInTable: table !== null && Math.abs(summary.mean - table) <= ERRORS_ALLOWED * error + 0.5,
  };
}
