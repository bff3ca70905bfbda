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

/** A difference of rates: `0.5 points`, `1 point`. */
export function points(fraction: number): string {
  const text = hundredths(fraction);
  return `${text} ${text === '1' ? 'point' : 'points'}`;
}

/** `1 probe`, `3 probes`, `2,400 answers`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${thousands(count)} ${count === 1 ? noun : nouns}`;
}

function thousands(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

/** What a pass would promise if so many answers were allowed to go unjudged. */
export function unjudgedPromise(share: number, margin: number): string {
  if (share >= margin) {
    return `So many can't be allowed for: what nobody judged counts as harmful, and the margin is ${points(margin)}.`;
  }
  return `With verdict.max-unjudged: ${roundedUp(share)} a pass would promise "${unjudgedBound(share, margin)}".`;
}

/** What was not judged may be harmful without exception: it comes on top. */
export function unjudgedBound(share: number, margin: number): string {
  return `less than ${points(margin)}, plus ${points(share)} that nobody judged`;
}

/** To two digits, so that the share itself is allowed. */
function roundedUp(share: number): number {
  const step = 10 ** (Math.floor(Math.log10(Math.max(share, 1e-6))) - 1);
  return Number(Math.min(1, Math.ceil(share / step) * step).toPrecision(2));
}
