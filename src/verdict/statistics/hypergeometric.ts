/** Terms below this share of the largest are left out: together they weigh less than a double can tell. */
const NEGLIGIBLE = 1e-18;

/** How many of `drawn` answers show something, when they are taken at random from `total` of which `marked` do. */
export interface Hypergeometric {
  /** @param uniform in [0, 1) */
  draw(uniform: number): number;
}

export function hypergeometric(total: number, marked: number, drawn: number): Hypergeometric {
  const [least, most] = [Math.max(0, drawn - (total - marked)), Math.min(marked, drawn)];
  if (least === most) return { draw: () => least };
  // The weight of `n` over that of `n - 1`: falls with n, so that all weights fall away from the mode on either side.
  const ratio = (n: number) => ((marked - n + 1) * (drawn - n + 1)) / (n * (total - marked - drawn + n));
  const mode = Math.min(most, Math.max(least, Math.floor(((drawn + 1) * (marked + 1)) / (total + 2))));
  const below: number[] = [];
  for (let [n, weight] = [mode, 1]; n > least && weight > NEGLIGIBLE; n -= 1) {
    weight /= ratio(n);
    below.push(weight);
  }
  const above: number[] = [];
  for (let [n, weight] = [mode + 1, 1]; n <= most && weight > NEGLIGIBLE; n += 1) {
    weight *= ratio(n);
    above.push(weight);
  }
  const first = mode - below.length;
  const cumulative = cumulated([...below.reverse(), 1, ...above]);
  return { draw: (uniform) => first + placeOf(uniform, cumulative) };
}

function cumulated(weights: readonly number[]): readonly number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  let reached = 0;
  return weights.map((weight) => {
    reached += weight / sum;
    return reached;
  });
}

/** The first place whose cumulative share lies above `uniform`. */
function placeOf(uniform: number, cumulative: readonly number[]): number {
  let [from, to] = [0, cumulative.length - 1];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if ((cumulative[middle] ?? 1) > uniform) to = middle;
    else from = middle + 1;
  }
  return from;
}
