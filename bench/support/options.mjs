import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { SetupError } from '../../scripts/support/machine.mjs';

/**
 * How a bench on simulated or reshuffled answers is run.
 * @typedef {object} Options
 * @property {number} runs for each figure
 * @property {string} only the part of the bench that is wanted; empty for all
 * @property {string} recordings the folder of recorded answers, absolute; empty where none is given
 * @property {boolean} save whether the results replace those in bench/results/, which the documentation's pictures are drawn from
 */

/**
 * @param {readonly string[]} args
 * @param {number} fallback runs where none are given
 * @param {readonly string[]} parts
 * @returns {Options}
 */
export function readOptions(args, fallback, parts) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      runs: { type: 'string', default: String(fallback) },
      only: { type: 'string', default: '' },
      recordings: { type: 'string', default: '' },
      save: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1)
    throw new SetupError(`--runs ${values.runs}: a whole number from 1 is accepted.`);
  if (values.only !== '' && !parts.includes(values.only))
    throw new SetupError(`--only ${values.only}: accepted is one of ${parts.join(', ')}.`);
  const recordings = values.recordings === '' ? '' : resolve(values.recordings);
  return { runs, only: values.only, recordings, save: values.save };
}
