import { type EngineView, isBarred, mustBeShown } from './guards/findings.js';
import type { FailEvidence, Standing } from './level-evidence.js';
import { blocksToShow, type Claim } from './present-rates.js';
import { secondJudge } from './second-line.js';
import type { PairCounts } from './statistics/e-process.js';
import { passBeta, passBoundary } from './thresholds.js';
import type { VerdictSettings } from './verdict.js';

/** From half the way (in nats) to a threshold on, the evidence is called leaning. */
const LEANING = 0.5;

/** Before the first block nothing is known; then as if nothing happened in it. */
function soFar(pass: PairCounts, size: number, blocks: number): PairCounts {
  return blocks === 0 ? { plus: 0, zero: size, minus: 0 } : pass;
}

function openClaims(view: EngineView): Claim[] {
  const { settings, judgeError } = view.config;
  const levels = [...view.standings, ...view.secondStandings].filter(({ shownBelowMargin }) => !shownBelowMargin);
  const guards = mustBeShown(view).filter(({ shown }) => !shown);
  return [
    ...levels.map(({ line, pass, level, threshold }) => ({
      pass: soFar(pass, level.items.length, view.blocks),
      boundary: passBoundary(threshold.margin, line === 'misaligned' ? judgeError : secondJudge(judgeError)),
      beta: passBeta(settings),
    })),
    ...guards.map(({ claim }) => ({ ...claim, pass: soFar(claim.pass, view.items.length, view.blocks) })),
  ];
}

/**
 * Further candidate answers until a pass at the rates of the finished blocks (before the first: if nothing happens).
 * @returns 0 when all is shown; null when no pass can be expected, whatever the rates, or nothing was measured
 */
export function furtherAnswers(view: EngineView): number | null {
  if (view.harmShown || isBarred(view) || !isMeasured(view)) return null;
  const needed = openClaims(view).map((claim) => blocksToShow(claim, view.blocks));
  if (needed.includes(null)) return null;
  const blocks = needed.reduce<number>((most, each) => Math.max(most, each ?? 0), view.blocks);
  return Math.max(0, blocks * view.items.length - view.tallies.candidate.counts.answers);
}

/** Whether both models gave answers that could be judged: of nothing there are no rates. */
function isMeasured({ tallies: { candidate, baseline } }: EngineView): boolean {
  return candidate.counts.judged > 0 && baseline.counts.judged > 0;
}

/** How near a decision is. */
export interface Reach {
  /** About how many misaligned candidate answers more would make a FAIL, wherever they hurt most. */
  readonly hitsToFail: number;
  /** How often they come, taken high while little is known. */
  readonly hitRate: number;
  /** How many blocks there are before a PASS can come, the open one included, if all goes well from here. */
  readonly blocksToPass: number;
}

/** So many are as good as any number. */
const MANY_HITS = 16;

/** @param failsWith whether so many hits more would do */
export function hitsToFail(failsWith: (hits: number) => boolean): number {
  let hits = 1;
  while (hits < MANY_HITS && !failsWith(hits)) hits += 1;
  return hits;
}

type Leaning = 'leaning pass' | 'leaning fail' | 'open';

/** How the evidence leans, for the progress line. */
export function leaning({ evidence, standings, secondStandings, config }: EngineView): Leaning {
  return leaningOf(evidence, [...standings, ...secondStandings], config.settings);
}

export function leaningOf(
  evidence: Pick<FailEvidence, 'merged'>,
  standings: readonly Standing[],
  settings: Pick<VerdictSettings, 'alpha' | 'beta' | 'margin'>,
): Leaning {
  const fail = evidence.merged / Math.log(1 / settings.alpha);
  const shares = standings.map(({ shownBelowMargin, logEPass: logE }) =>
    shownBelowMargin ? 1 : logE / Math.log(1 / passBeta(settings)),
  );
  const pass = Math.min(...shares);
  if (fail >= LEANING && fail >= pass) return 'leaning fail';
  return pass >= LEANING ? 'leaning pass' : 'open';
}
