/** Figures beside their limits. */

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 === 1 ? middle : middle - 1], sorted[middle]];
  return (Number(low) + Number(high)) / 2;
}

/**
 * The median, which a noisy machine moves least, with the extremes that show how noisy it was.
 * @param {readonly number[]} milliseconds
 */
export function spread(milliseconds) {
  const [least, most] = [Math.min(...milliseconds), Math.max(...milliseconds)];
  return `${seconds(median(milliseconds))} (${seconds(least)} to ${seconds(most)}, ${milliseconds.length} runs)`;
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(milliseconds < 10_000 ? 3 : 0)} s`;
}

/** @param {number} bytes */
export function megabytes(bytes) {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}

/**
 * One line of the result.
 * @param {string} what
 * @param {string} figure
 * @param {string} [beside] the limit or the peer
 */
export function say(what, figure, beside = '') {
  console.log(`${what.padEnd(52)} ${figure}${beside && `   ${beside}`}`);
}
