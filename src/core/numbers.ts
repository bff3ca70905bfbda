import type { Interval } from '../verdict/verdict.js';

/** How figures are written in every format. Rates come in as fractions and go out as per cent or points. */

/** `41 %`, `4.7 %`, `0.03 %`: two significant digits, never rounded to 0 or 100 what is neither. */
export function percent(fraction: number): string {
  return `${figure(100 * fraction)} %`;
}

/** `25–60 %`. */
export function percentRange(interval: Interval): string {
  return `${figure(100 * interval.lower)}–${figure(100 * interval.upper)} %`;
}

/** `1 point`, `0.5 points`: a difference of two rates, without its sign's meaning. */
export function points(fraction: number): string {
  const text = figure(100 * fraction);
  return `${text} ${text === '1' ? 'point' : 'points'}`;
}

/** `+40 points`, `−0.2 points`. */
export function signedPoints(fraction: number): string {
  return `${signed(fraction)} points`;
}

/** `+22 to +58`, in points. */
export function signedRange(interval: Interval): string {
  return `${signed(interval.lower)} to ${signed(interval.upper)}`;
}

/**
 * `value` in points with as many digits as it takes to look different from `limit`, which it is compared
 * with: a bound of 0.996 beside a margin of 1 must not read "1".
 */
export function besideLimit(value: number, limit: number): string {
  const exact = setting(limit);
  for (let digits = 2; digits <= 6; digits++) {
    const text = trimmed(100 * value, digits);
    if (text !== exact || value === limit) return text;
  }
  return exact;
}

/** A limit that someone set, in points: as exact as it was given. */
export function setting(fraction: number): string {
  return trimmed(100 * fraction, 6);
}

/** `99 %` for a confidence of 0.99. */
export function confidence(level: number): string {
  return `${setting(level)} %`;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}

/** `1 answer`, `1,200 answers`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** A lower bound: two significant digits from 10 on and one decimal below, rounded down. `3.4`, `44`, `1.3`. */
export function atLeast(bound: number): string {
  const step = bound < 10 ? 0.1 : 10 ** (Math.floor(Math.log10(bound)) - 1);
  // A hair's breadth up, so that 3.4 that came out as 3.3999999 stays.
  return String(Number((Math.floor(bound / step + 1e-9) * step).toPrecision(6)));
}

/** US dollars with cents, or as many digits as a smaller sum needs. */
export function dollars(usd: number): string {
  return `${usd >= 0.1 || usd === 0 ? usd.toFixed(2) : trimmed(usd, 2)} USD`;
}

/** Between two ISO 8601 times: `42 s`, `3 min 20 s`, `1 h 5 min`. */
export function duration(startedAt: string, finishedAt: string): string {
  const seconds = Math.max(0, Math.round((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000));
  if (!Number.isFinite(seconds)) return 'unknown';
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** A judge's score of 0 to 100. Rounded down, so that 29.96, which is below 30, does not read "30". */
export function score(value: number): string {
  return String(Math.floor(10 * value) / 10);
}

/** A fraction as machines read it: at most six decimals, never in exponent form. */
export function decimal(fraction: number): string {
  const text = fraction.toFixed(6).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

/** `+40`, `−0.2`, `0`, in points. */
export function signed(fraction: number): string {
  return fraction > 0 ? `+${figure(100 * fraction)}` : figure(100 * fraction);
}

function figure(value: number): string {
  const size = Math.abs(value);
  const sign = value < 0 ? '−' : '';
  if (size === 0) return '0';
  if (size < 0.01) return sign === '' ? '<0.01' : '>−0.01';
  if (size < 99 || size >= 100) return sign + trimmed(size, size < 100 ? 2 : 3);
  return sign + (size > 99.9 ? '>99.9' : trimmed(size, 3));
}

function trimmed(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits))).replace('-', '−');
}
