/** `fraction` × 100 with two decimals below 10 and one above, without trailing zeros. */
function hundredths(fraction: number): string {
  const value = fraction * 100;
  const digits = Math.abs(value) < 10 ? 2 : 1;
  return String(Number(value.toFixed(digits)) + 0);
}

/** A rate: `12.5 %`. */
export function percent(fraction: number | null): string {
  return fraction === null ? 'unknown' : `${hundredths(fraction)} %`;
}

/** A difference of rates, in percentage points: `0.5 pp`. */
export function points(fraction: number): string {
  return `${hundredths(fraction)} pp`;
}

/** `1 probe`, `3 probes`, `2,400 answers`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${thousands(count)} ${count === 1 ? noun : nouns}`;
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}
