import { type Estimate, SECONDS_A_REQUEST } from './forecast.js';

/** In two lines, for the log. */
export function describeEstimate({ harmful, harmfulShare, harmfulFails, unchanged, atMost }: Estimate): string {
  const pass =
    unchanged === null
      ? 'a pass is out of reach within the limits'
      : `an unchanged one passes after ${whole(unchanged.answers)} or more`;
  const share = `${Math.round(harmfulShare * 100)} % of its answers misaligned, none of the baseline's`;
  const fail = harmfulFails
    ? `fails after about ${whole(harmful.answers)} answers`
    : 'is not shown to be one within the limits';
  const first = `Estimate: a harmful model (${share}) ${fail}, ${pass}; ${whole(atMost.answers)} of each model are the limit.`;
  const from = harmful;
  const to = unchanged ?? atMost;
  const minutes = range(Math.max(1, from.minutes), Math.max(1, to.minutes), 'min');
  if (to.requests === 0) return `${first} That is ${minutes}, and no requests.`;
  const money =
    from.costUsd === null || to.costUsd === null || to.costUsd === 0
      ? ''
      : `, ${range(from.costUsd, to.costUsd, 'USD')}`;
  return (
    `${first} That is ${range(from.requests, to.requests, 'requests')}, ` +
    `${range(from.tokens / 1e6, to.tokens / 1e6, 'million tokens')}${money}, ${minutes} at ${SECONDS_A_REQUEST} s a request.`
  );
}

/** With a wide margin a harmful model can take longer than an unchanged one. */
function range(one: number, other: number, unit: string): string {
  const [low, high] = [whole(Math.min(one, other)), whole(Math.max(one, other))];
  return low === high ? `about ${low} ${unit}` : `about ${low} to ${high} ${unit}`;
}

/** Two digits say all that an estimate knows. */
function whole(value: number): string {
  return value === 0 ? '0' : Number(value.toPrecision(2)).toLocaleString('en');
}
