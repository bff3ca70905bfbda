import type { Options } from '../support/options.mjs';
import { saveResults } from '../support/results.js';
import { printTable, share, whole } from '../support/table.js';
import { BASES, type BaseRow, baseRow } from './bases.js';
import { type CostRow, costRow, SCENARIOS } from './cost.js';
import { type CurvePoint, curve, type RestartPoint, restarts } from './curve.js';
import { boundaries, type ErrorRow, errorRow } from './errors.js';
import { CHOICES, type ChoiceRow, choiceRows } from './settings.js';
import { SHAPES, type Shape } from './shapes.js';

const SEED = 20261125;

/** What a table or a picture shows to the per cent needs fewer runs than an error rate of 1 %. */
const ROUGHLY = 4;

/** Shapes for what need not be known of all: the one for pull requests and the one for releases. */
const [QUICK, , STANDARD] = SHAPES;

/** The batteries as shipped. */
const SHIPPED = {
  quick: { name: 'quick: 16 items', probes: 16, categories: 15, variants: 1 },
  standard: { name: 'standard: 80 items', probes: 40, categories: 15, variants: 2 },
} as const;

const TIERS: Readonly<Record<string, { readonly shape: Shape; readonly secondLine: boolean }>> = {
  bases: { shape: SHIPPED.quick, secondLine: true },
  'bases-one-line': { shape: SHIPPED.quick, secondLine: false },
  'bases-standard': { shape: SHIPPED.standard, secondLine: true },
};

type Size = { readonly runs: number; readonly seed: number };

/** @returns the exit code: 1 where a figure breaks a promise */
export async function run({ runs, only, save }: Options): Promise<number> {
  const size = { runs, seed: SEED };
  const rough = { ...size, runs: Math.ceil(runs / ROUGHLY) };
  const wanted = (part: string) => only === '' || only === part;
  const results: Record<string, unknown> = {};
  let kept = true;
  if (wanted('cost')) results.cost = { runs, rows: costs(size) };
  if (wanted('errors')) {
    const rows = errors(size);
    kept = rows.every((row) => row.kept);
    results.errors = { runs, rows };
  }
  for (const [part, { shape, secondLine }] of Object.entries(TIERS)) {
    if (!wanted(part)) continue;
    const rows = bases(shape, secondLine, size);
    kept = kept && rows.every((row) => row.kept);
    results[part] = { runs, rows };
  }
  if (wanted('settings')) results.settings = { runs: rough.runs, rows: settings(rough) };
  if (wanted('curve')) results.curve = { runs: rough.runs, ...curves(rough) };
  if (save) await saveResults('verdict-cost', results);
  return kept ? 0 : 1;
}

/** So that a long run can be followed; on standard error, apart from the tables. */
function progress(what: string): void {
  console.error(`  ${new Date().toISOString().slice(11, 19)} ${what}`);
}

function costs(size: Size): readonly CostRow[] {
  return SHAPES.flatMap((shape, place) => {
    const start = performance.now();
    const rows = SCENARIOS.map((scenario) => {
      progress(`cost: ${shape.name}, ${scenario.name}`);
      return costRow(scenario, shape, place, size);
    });
    console.log(`${shape.name}: candidate answers until the verdict, ${whole(size.runs)} runs each`);
    const header = [
      'model against its base',
      'pass',
      'fail',
      'open',
      'mean',
      'p90',
      'table',
      'as in table',
      'limit',
      'x limit',
      'today',
      'x limit',
    ];
    printTable(
      header,
      rows.map((row) => [
        row.scenario,
        ...verdictCells(row),
        whole(row.mean),
        whole(row.p90),
        whole(row.table),
        row.asInTable ? 'yes' : 'no',
        whole(row.limit),
        ratio(row.mean, row.limit),
        whole(row.today.mean),
        ratio(row.today.mean, row.limit),
      ]),
    );
    const answers = rows.reduce((sum, { mean }) => sum + mean * size.runs, 0);
    console.log(
      `${((performance.now() - start) / answers).toFixed(4)} ms a candidate answer, its simulation included\n`,
    );
    return rows;
  });
}

function ratio(mean: number, limit: number | null): string {
  return limit === null ? '' : (mean / limit).toFixed(2);
}

function errors(size: Size): readonly ErrorRow[] {
  return SHAPES.flatMap((shape) => {
    const rows = boundaries(shape).map((boundary) => {
      progress(`errors: ${shape.name}, ${boundary.name}`);
      return errorRow(shape, boundary, size);
    });
    console.log(`${shape.name}: error rates where they are greatest, ${whole(size.runs)} runs each`);
    printTable(
      ['truth', 'the error', 'measured', 'limit', '', 'mean'],
      rows.map((row) => [
        row.truth,
        row.wrong,
        share(row[row.wrong]),
        share(row.limit),
        keptWords(row),
        whole(row.mean),
      ]),
    );
    return rows;
  });
}

function bases(shape: Shape, secondLine: boolean, size: Size): readonly BaseRow[] {
  const rows = BASES.map((base) => {
    progress(`${shape.name}, base ${share(base)}, ${secondLine ? 'with' : 'without'} the second line`);
    return baseRow(shape, base, secondLine, size);
  });
  console.log(
    `${shape.name}, ${secondLine ? 'with' : 'without'} the second line: margin auto by the base's true rate, ${whole(size.runs)} runs each`,
  );
  printTable(
    ['base', 'margin', 'false pass', 'of questionable', 'false fail', 'unchanged: pass', 'fail', 'mean', ''],
    rows.map((row) => [
      share(row.base),
      share(row.margin),
      share(row.falsePass),
      row.falsePassQuestionable === null ? '' : share(row.falsePassQuestionable),
      share(row.falseFail),
      share(row.unchangedPass),
      share(row.unchangedFail),
      whole(row.unchangedAnswers),
      row.kept ? 'kept' : 'BROKEN',
    ]),
  );
  return rows;
}

function keptWords({ kept, limit, ...row }: ErrorRow): string {
  if (!kept) return 'BROKEN';
  return row[row.wrong] <= limit ? 'kept' : 'over, by chance';
}

function settings(size: Size): readonly ChoiceRow[] {
  return [QUICK, STANDARD].flatMap((shape) =>
    CHOICES.flatMap((choice) => {
      progress(`settings: ${shape.name}, ${choice.name}`);
      const rows = choiceRows(shape, choice, size);
      console.log(`${shape.name}, ${choice.name}`);
      printTable(
        ['model against its base', 'pass', 'fail', 'open', 'mean', 'p90'],
        rows.map((row) => [row.model, ...verdictCells(row), whole(row.mean), whole(row.p90)]),
      );
      return rows;
    }),
  );
}

function curves(size: Size): { readonly points: readonly CurvePoint[]; readonly restarts: readonly RestartPoint[] } {
  progress('curve');
  const points = [QUICK, STANDARD].flatMap((shape) => curve(shape, size));
  const again = restarts(QUICK, size);
  console.log('By how much worse the candidate truly is (baseline 0.1 %)');
  printTable(
    ['difference', 'pass', 'fail', 'open', 'mean'],
    points.map((point) => [`${point.shape}, ${share(point.difference)}`, ...verdictCells(point), whole(point.mean)]),
  );
  console.log('A candidate exactly at the margin, started afresh until it passes');
  printTable(
    ['attempts', 'passed'],
    again.map(({ attempts, everPassed }) => [String(attempts), share(everPassed)]),
  );
  return { points, restarts: again };
}

function verdictCells({ pass, fail, inconclusive }: CostRow | ChoiceRow | CurvePoint): string[] {
  return [pass, fail, inconclusive].map(share);
}
