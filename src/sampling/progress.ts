import type { Clock, ProgressListener } from '../log.js';
import type { VerdictEngine } from '../verdict/engine.js';
import { leastAnswersForPass } from '../verdict/limits.js';
import type { Harvest } from './harvest.js';
import type { Plan } from './plan.js';

/** The outlook takes milliseconds to compute: not after every answer. */
const INTERVAL_MS = 1000;

/** Tells the listener how far it is, at most once a second. */
export function progressOf(
  engine: VerdictEngine,
  plan: Plan,
  clock: Clock,
  onProgress: ProgressListener | undefined,
): (harvest: Harvest) => void {
  if (!onProgress) return () => {};
  const startedAt = clock.now();
  const atLeast = leastAnswersForPass(plan.items, plan.engineConfig);
  let last = Number.NEGATIVE_INFINITY;
  return (harvest) => {
    if (clock.now() - last < INTERVAL_MS) return;
    last = clock.now();
    const elapsedSeconds = (last - startedAt) / 1000;
    const { answers, blocks, maxBlocks, expectedFurtherAnswers } = engine.summary();
    const further = blocks === 0 ? Math.max(0, atLeast - answers) : expectedFurtherAnswers;
    const secondsLeft =
      further === null || !Number.isFinite(further) || answers === 0 ? null : (further * elapsedSeconds) / answers;
    onProgress({
      candidateAnswers: harvest.answers.candidate,
      baselineAnswers: harvest.answers.baseline,
      block: Math.min(blocks + 1, maxBlocks),
      maxBlocks,
      elapsedSeconds,
      secondsLeft,
      leaning: engine.leaning(),
    });
  };
}
