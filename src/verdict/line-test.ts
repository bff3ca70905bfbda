import type { AllAnswers } from './all-answers.js';
import { suspicions } from './item-priority.js';
import { type FailEvidence, failEvidence, type LevelCounts, logEPassOf, type Standing } from './level-evidence.js';
import type { Level } from './levels.js';
import { type Block, countsOf, type Differences, PairLedger, type Trait } from './paired-counts.js';
import { Latches } from './passed-margins.js';
import { smallestAbove } from './present-rates.js';
import { logEFail, logEPass, logSumExp } from './statistics/e-process.js';
import type { ArmTally } from './tally.js';
import { failBoundary, passBoundary, type Threshold } from './thresholds.js';
import type { JudgeError, Line } from './verdict.js';

/** What one line is tested with. */
export interface LineSpec {
  readonly line: Line;
  readonly trait: Trait;
  readonly levels: readonly Level[];
  /** How many items the battery has. */
  readonly total: number;
  /** How the judge errs at this line. */
  readonly judge: JudgeError;
  /** Chance of a wrong PASS. */
  readonly beta: number;
}

/** A level's thresholds now, and its margin if the battery's grows as far as it may. */
export interface LevelThreshold extends Threshold {
  readonly mostMargin: number;
}

/** The two hypotheses at every level, for the answers below one line. */
export class LineTest {
  readonly #spec: LineSpec;
  readonly #ledger: PairLedger;
  readonly #latches: Latches;
  #thresholds: readonly LevelThreshold[];
  #differences: Differences;
  /** Null until it is asked for. */
  #evidence: FailEvidence | null = null;

  constructor(spec: LineSpec, thresholds: readonly LevelThreshold[]) {
    this.#spec = spec;
    this.#ledger = new PairLedger(spec.trait, spec.total);
    this.#latches = new Latches(spec.levels.length, spec.beta);
    this.#thresholds = thresholds;
    this.#differences = this.#ledger.fail;
  }

  /** As last computed. */
  get evidence(): FailEvidence {
    this.#evidence ??= this.#weigh(this.#differences);
    return this.#evidence;
  }

  /** Whether every level was shown to lie below its margin. */
  get allShown(): boolean {
    return this.#spec.levels.every((_, place) => this.#isShown(place));
  }

  /** The battery's smallest upper bound so far, as a difference of true harm; 1 before there is any. */
  get leastUpper(): number {
    const { youdenLower, differential } = this.#spec.judge;
    return Math.min(1, (this.#latches.leastUpper(0) + differential) / youdenLower);
  }

  /** By item, from the finished blocks. */
  get suspicions(): readonly number[] {
    return suspicions(this.#spec.levels, this.#ledger.fail);
  }

  /** The baseline's answers of another block may have moved the thresholds. */
  moveTo(thresholds: readonly LevelThreshold[]): void {
    this.#thresholds = thresholds;
    this.#evidence = null;
  }

  look(block: Block): void {
    this.#takeUp(this.#ledger.withOpen(block));
  }

  close(block: Block | AllAnswers): void {
    this.#ledger.close(block);
    const { levels, judge } = this.#spec;
    const counts = levels.map(({ items }) => countsOf(this.#ledger.pass, items));
    const boundaries = this.#thresholds.map(({ margin, mostMargin }) => ({
      now: passBoundary(margin, judge),
      most: passBoundary(mostMargin, judge),
    }));
    this.#latches.update(counts, boundaries);
    this.#takeUp(this.#ledger.fail);
  }

  /** ln of the FAIL process after about so many hits more, each counted where it hurts most. */
  mergedAfter(hits: number): number {
    const { levels, judge } = this.#spec;
    return logSumExp(
      levels.map((level, place) => {
        const { plus, zero, minus } = countsOf(this.#differences, level.items);
        const worse = { plus: plus + hits, zero: Math.max(0, zero - hits), minus };
        return Math.log(level.weight) + logEFail(worse, failBoundary(this.#toleranceOf(place), judge));
      }),
    );
  }

  /** ln of the FAIL process after so many blocks, if all went on as in the finished ones. */
  mergedAt(blocks: number): number {
    const { fail } = this.#ledger;
    const factor = blocks / Math.max(1, fail.blocks);
    const grown = (counts: readonly number[]) => counts.map((count) => count * factor);
    return this.#weigh({ plus: grown(fail.plus), minus: grown(fail.minus), blocks: fail.blocks * factor }).merged;
  }

  /**
   * The FAIL process as it would be if every level were allowed more.
   * @param allowed what becomes of a tolerance, the judge's differential error in it
   */
  mergedIf(allowed: (tolerance: number) => number): number {
    const { levels, judge } = this.#spec;
    return logSumExp(
      levels.map((level, place) => {
        const boundary = allowed(failBoundary(this.#toleranceOf(place), judge));
        if (boundary >= 1) return Number.NEGATIVE_INFINITY;
        return Math.log(level.weight) + logEFail(countsOf(this.#differences, level.items), boundary);
      }),
    );
  }

  /** At how many blocks every level would be shown to lie below its margin, if all goes well from here. */
  blocksToPass(block: Block | null): number {
    const { levels, judge, beta } = this.#spec;
    const best = block === null ? this.#ledger.pass : this.#ledger.withBestEnd(block);
    const needed = levels.map((level, place) => {
      if (this.#isShown(place)) return 0;
      const { plus, zero, minus } = countsOf(best, level.items);
      const boundary = passBoundary(this.#marginOf(place), judge);
      const shownAfter = (more: number) =>
        logEPass({ plus, zero: zero + more * level.items.length, minus }, boundary) >= Math.log(1 / beta);
      return shownAfter(0) ? best.blocks : best.blocks + (smallestAbove(0, shownAfter) ?? Number.POSITIVE_INFINITY);
    });
    return Math.max(...needed);
  }

  /** In the order of the levels: the battery first, then categories, variants and probes. */
  standings(tallies: Readonly<Record<'candidate' | 'baseline', ArmTally>>): readonly Standing[] {
    const { levels, judge, line } = this.#spec;
    return levels.map((level, place) => {
      const threshold = { margin: this.#marginOf(place), tolerance: this.#toleranceOf(place) };
      const counts = this.countsOf(level.items);
      return {
        line,
        level,
        threshold,
        logEFail: this.evidence.logEs[place] ?? 0,
        logEPass: logEPassOf({ ...counts, threshold }, judge),
        shownBelowMargin: this.#isShown(place),
        candidateRate: tallies.candidate.rate(level.items, line),
        baselineRate: tallies.baseline.rate(level.items, line),
        ...counts,
      };
    });
  }

  /** Of any items taken together. */
  countsOf(items: readonly number[]): LevelCounts {
    return {
      evidence: countsOf(this.#differences, items),
      fail: countsOf(this.#ledger.fail, items),
      pass: countsOf(this.#ledger.pass, items),
    };
  }

  #isShown(place: number): boolean {
    return this.#latches.shown(place, passBoundary(this.#marginOf(place), this.#spec.judge));
  }

  #marginOf(place: number): number {
    return this.#thresholds[place]?.margin ?? 0;
  }

  #toleranceOf(place: number): number {
    return this.#thresholds[place]?.tolerance ?? 1;
  }

  #takeUp(differences: Differences): void {
    this.#differences = differences;
    this.#evidence = null;
  }

  #weigh(differences: Differences): FailEvidence {
    const tolerances = this.#thresholds.map(({ tolerance }) => tolerance);
    return failEvidence(this.#spec.levels, tolerances, differences, this.#spec.judge);
  }
}
