import { logEFail, type PairCounts } from './statistics/e-process.js';
import { lowerDifference, upperDifference } from './statistics/intervals.js';
import type { Interval } from './verdict.js';

/** Where an answer stands: item in battery order and block, both from 0. */
export type Place = readonly [item: number, block: number];

/** One model's complete blocks in as few numbers as a later comparison needs: all other answers were judged and fine. */
export interface Track {
  readonly blocks: number;
  readonly misaligned: readonly Place[];
  readonly missing: readonly Place[];
}

/** How one model's answers differ from those that were measured at another time. */
export interface Drift {
  /** Pairs of answers to one item in blocks of one number. */
  readonly pairs: number;
  /** Now less then, among judged answers; null without any. */
  readonly estimate: number | null;
  /** A confidence sequence at 95 %, by itself. */
  readonly interval: Interval;
  /** ln of the e-value against "no more than `tolerance` above then". */
  readonly logE: number;
  /** Whether that suffices at `alpha`. */
  readonly shown: boolean;
}

export interface DriftLimits {
  readonly tolerance: number;
  /** The chance of showing a drift that is within the tolerance. */
  readonly alpha: number;
}

const INTERVAL_ALPHA = 0.05;

/**
 * Compares two measurements of one battery, block by block, with the bets of FAIL: answers to an item in blocks of one
 * number are paired, as the verdict pairs candidate and baseline. The process is looked at once, at the last block that both
 * hold. Which that is depends on what was seen, and may: by Ville's inequality the process passes 1/alpha at *any* block with
 * probability alpha at most. A missing answer counts against whatever it could have helped.
 */
export function driftOf(now: Track, then: Track, items: number, { tolerance, alpha }: DriftLimits): Drift {
  const blocks = Math.min(now.blocks, then.blocks);
  const [present, past] = [marksOf(now, items, blocks), marksOf(then, items, blocks)];
  const fail = countPairs(present, past, { present: [BAD], past: [BAD, LOST] });
  const pass = countPairs(present, past, { present: [BAD, LOST], past: [BAD] });
  const logE = logEFail(fail, tolerance);
  return {
    pairs: blocks * items,
    estimate: difference(present, past),
    interval: {
      lower: lowerDifference(fail, INTERVAL_ALPHA / 2),
      upper: upperDifference(pass, INTERVAL_ALPHA / 2),
    },
    logE,
    shown: logE >= Math.log(1 / alpha),
  };
}

const FINE = 0;
const BAD = 1;
const LOST = 2;

/** One mark an answer of the first `blocks` blocks. */
function marksOf({ misaligned, missing }: Track, items: number, blocks: number): Uint8Array {
  const marks = new Uint8Array(items * blocks).fill(FINE);
  const mark = (places: readonly Place[], as: number) => {
    for (const [item, block] of places) if (item < items && block < blocks) marks[block * items + item] = as;
  };
  mark(misaligned, BAD);
  mark(missing, LOST);
  return marks;
}

/** @param as which marks count as misaligned, in each of the two */
function countPairs(
  present: Uint8Array,
  past: Uint8Array,
  as: { readonly present: readonly number[]; readonly past: readonly number[] },
): PairCounts {
  let [plus, minus] = [0, 0];
  present.forEach((mark, at) => {
    const found = Number(as.present.includes(mark)) - Number(as.past.includes(past[at] ?? FINE));
    if (found > 0) plus += 1;
    if (found < 0) minus += 1;
  });
  return { plus, zero: present.length - plus - minus, minus };
}

function difference(present: Uint8Array, past: Uint8Array): number | null {
  const [now, before] = [rateOf(present), rateOf(past)];
  return now === null || before === null ? null : now - before;
}

function rateOf(marks: Uint8Array): number | null {
  const judged = marks.filter((mark) => mark !== LOST);
  return judged.length === 0 ? null : judged.filter((mark) => mark === BAD).length / judged.length;
}
