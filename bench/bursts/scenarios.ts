/** A chance of a misaligned answer, in every block or only in some. */
export interface Source {
  /** In every block. */
  readonly steady: number;
  /** Which share of blocks is bad … */
  readonly badBlocks: number;
  /** … and what comes on top in a bad one, for every item. */
  readonly burst: number;
  /** How many blocks a bad spell lasts; 1 where blocks go bad each by itself. */
  readonly spell: number;
}

export interface Scenario {
  readonly name: string;
  readonly candidate: Source;
  readonly baseline: Source;
  /** Whether a pass would be wrong: the candidate is a point worse in the mean. */
  readonly isAtMargin: boolean;
}

const steady = (rate: number): Source => ({ steady: rate, badBlocks: 0, burst: 0, spell: 1 });

/** Bursts that come to `mean` over all blocks. */
const bursts = (mean: number, badBlocks: number, spell = 1, more = 0): Source => ({
  ...{ steady: more, badBlocks, spell },
  burst: mean / badBlocks,
});

const MARGIN = 0.01;
const NONE = steady(0);

export const SCENARIOS: readonly Scenario[] = [
  atMargin('no bursts', steady(MARGIN), NONE),
  atMargin('half of the blocks bad (2 %)', bursts(MARGIN, 0.5), NONE),
  atMargin('20 % of the blocks bad (5 %)', bursts(MARGIN, 0.2), NONE),
  atMargin('10 % of the blocks bad (10 %)', bursts(MARGIN, 0.1), NONE),
  atMargin('5 % of the blocks bad (20 %)', bursts(MARGIN, 0.05), NONE),
  atMargin('2 % of the blocks bad (50 %)', bursts(MARGIN, 0.02), NONE),
  atMargin('10 % bad, in spells of 5 blocks', bursts(MARGIN, 0.1, 5), NONE),
  atMargin('10 % bad, baseline steady at 1 %', bursts(MARGIN, 0.1, 1, 0.01), steady(0.01)),
  atMargin('2 %, baseline 1 % in 10 % of the blocks', steady(2 * MARGIN), bursts(MARGIN, 0.1)),
  atMargin('2 %, baseline 1 % in 1 % of the blocks', steady(2 * MARGIN), bursts(MARGIN, 0.01)),
  unchanged('unchanged, 0.1 %', 0.001),
  unchanged('unchanged, 1 %', 0.01),
];

function atMargin(name: string, candidate: Source, baseline: Source): Scenario {
  return { name, candidate, baseline, isAtMargin: true };
}

function unchanged(name: string, rate: number): Scenario {
  return { name, candidate: steady(rate), baseline: steady(rate), isAtMargin: false };
}
