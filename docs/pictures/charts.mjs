/** The charts, as Vega-Lite describes them. Colours can be told apart without red and green (Okabe and Ito 2008). */

const PASS = '#009e73';
const FAIL = '#d55e00';
const OPEN = '#b0b0b0';
const INK = '#333333';

const LOOK = {
  background: 'white',
  padding: 12,
  config: {
    font: 'sans-serif',
    view: { stroke: null },
    axis: { labelColor: INK, titleColor: INK, gridColor: '#e6e6e6', titleFontWeight: 'normal', labelFontSize: 11 },
    axisY: { minExtent: 48 },
    legend: {
      labelColor: INK,
      titleColor: INK,
      orient: 'top',
      title: null,
      labelFontSize: 12,
      labelLimit: 0,
      symbolOpacity: 1,
    },
    header: { labelColor: INK, labelFontSize: 13, title: null },
  },
};

const SHAPES = { 'quick 16': 'quick: 16 items', 'standard 75 x 2': 'standard: 75 probes × 2 variants' };

const shapeName = (shape) => SHAPES[shape] ?? shape;

const DIFFERENCE = {
  field: 'difference',
  type: 'quantitative',
  title: 'true difference, points',
  scale: { domain: [0, 2] },
};
const PANEL = { width: 330 };

/** Tolerance and margin, as lines across a chart over the true difference. */
function thresholds(named) {
  const x = { field: 'at', type: 'quantitative' };
  const rule = { mark: { type: 'rule', color: INK, strokeDash: [4, 3] }, encoding: { x } };
  const name = {
    mark: { type: 'text', align: 'left', dx: 4, baseline: 'top', fontSize: 11, color: INK },
    encoding: { x, y: { value: 4 }, text: { field: 'name' } },
  };
  const values = [
    { at: 0.5, name: 'tolerance' },
    { at: 1, name: 'margin' },
  ];
  return { data: { values }, layer: named ? [rule, name] : [rule] };
}

function sharesPanel(points, title, axisTitle) {
  const values = points.flatMap(({ difference, ...shares }) =>
    ['pass', 'inconclusive', 'fail'].map((verdict, place) => ({ difference, verdict, place, share: shares[verdict] })),
  );
  const areas = {
    data: { values },
    mark: { type: 'area', opacity: 0.85 },
    encoding: {
      x: { ...DIFFERENCE, title: null },
      y: {
        field: 'share',
        type: 'quantitative',
        stack: true,
        axis: { format: '%', title: axisTitle },
        scale: { domain: [0, 1] },
      },
      order: { field: 'place' },
      color: { field: 'verdict', scale: { domain: ['pass', 'inconclusive', 'fail'], range: [PASS, OPEN, FAIL] } },
    },
  };
  return {
    ...PANEL,
    height: 200,
    title: { text: title, fontSize: 13, color: INK, anchor: 'start' },
    layer: [areas, thresholds(true)],
  };
}

function answersPanel(points, axisTitle) {
  const line = {
    data: { values: points },
    mark: { type: 'line', color: INK, point: { color: INK, size: 25 } },
    encoding: {
      x: DIFFERENCE,
      y: { field: 'mean', type: 'quantitative', title: axisTitle, scale: { domain: [0, 6000] } },
    },
  };
  return { ...PANEL, height: 130, layer: [line, thresholds(false)] };
}

/** Which verdict, and after how many answers, by how much worse the candidate truly is. */
export function verdictsPicture(points) {
  const [left, right] = Object.keys(SHAPES).map((shape) =>
    points
      .filter((point) => point.shape === shape && point.difference <= 0.02)
      .map((point) => ({ ...point, difference: point.difference * 100 })),
  );
  return {
    ...LOOK,
    vconcat: [
      {
        hconcat: [
          sharesPanel(left, SHAPES['quick 16'], 'share of runs'),
          sharesPanel(right, SHAPES['standard 75 x 2'], null),
        ],
      },
      { hconcat: [answersPanel(left, 'mean candidate answers'), answersPanel(right, null)] },
    ],
  };
}

/** Answers until the verdict by what the models are, beside what no test can do without. */
export function answersPicture(rows) {
  const shown = rows
    .filter(({ shape }) => shape in SHAPES)
    .map(({ shape, scenario, today, limit }) => ({
      shape: shapeName(shape),
      scenario: scenario.replace('… ', 'unchanged, 0 %, '),
      verdict: today.fail > 0.5 ? 'fail' : 'pass',
      mean: today.mean,
      p90: today.p90,
      limit,
    }));
  const scenarios = [...new Set(shown.map(({ scenario }) => scenario))];
  const y = { field: 'scenario', type: 'nominal', sort: scenarios, title: null, axis: { labelLimit: 0, grid: true } };
  const x = (field) => ({
    field,
    type: 'quantitative',
    scale: { type: 'log', domain: [10, 6000] },
    title: 'candidate answers until the verdict (log scale)',
    axis: { values: [10, 30, 100, 300, 1000, 3000], format: ',' },
  });
  const colour = {
    field: 'verdict',
    scale: { domain: ['fail', 'pass'], range: [FAIL, PASS] },
  };
  return {
    ...LOOK,
    title: {
      text: 'dot: mean; bar: to the 90th percentile; tick: the least possible mean',
      fontSize: 12,
      fontWeight: 'normal',
      color: INK,
      anchor: 'start',
    },
    data: { values: shown },
    facet: { column: { field: 'shape', type: 'nominal', sort: Object.values(SHAPES) } },
    spec: {
      width: 300,
      height: { step: 24 },
      layer: [
        {
          mark: { type: 'rule', strokeWidth: 5, opacity: 0.35 },
          encoding: { y, x: x('mean'), x2: { field: 'p90' }, color: colour },
        },
        { mark: { type: 'point', filled: true, size: 70, opacity: 1 }, encoding: { y, x: x('mean'), color: colour } },
        {
          transform: [{ filter: 'datum.limit !== null' }],
          mark: { type: 'tick', color: INK, thickness: 2, size: 14 },
          encoding: { y, x: x('limit') },
        },
      ],
    },
  };
}

/** A candidate exactly at the margin, tried again until it passes: with counts that go on, and without. */
export function restartsPicture(points) {
  const [first] = points;
  const rows = points.flatMap(({ attempts, everPassed }) => [
    { attempts, passed: everPassed, how: 'started afresh' },
    { attempts, passed: first.everPassed, how: 'counts kept' },
  ]);
  return {
    ...LOOK,
    width: 420,
    height: 200,
    layer: [
      {
        data: { values: rows },
        mark: { type: 'line', point: { size: 50 } },
        encoding: {
          x: { field: 'attempts', type: 'ordinal', title: 'attempts', axis: { labelAngle: 0 } },
          y: {
            field: 'passed',
            type: 'quantitative',
            title: 'passed in one of them',
            axis: { format: '.1%' },
          },
          color: { field: 'how', scale: { range: [PASS, FAIL] } },
        },
      },
      {
        data: { values: [{ at: 0.01 }] },
        layer: [
          {
            mark: { type: 'rule', color: INK, strokeDash: [4, 3] },
            encoding: { y: { field: 'at', type: 'quantitative' } },
          },
          {
            mark: { type: 'text', align: 'left', baseline: 'bottom', fontSize: 11, color: INK, text: 'beta = 1 %' },
            encoding: { y: { field: 'at', type: 'quantitative' }, x: { value: 4 } },
          },
        ],
      },
    ],
  };
}
