import type { Clock, ProgressListener } from '../log.js';
import type { VerdictEngine } from '../verdict/engine.js';
import { leastAnswersForPass } from '../verdict/limits.js';
import type { Harvest } from './harvest.js';
import type { Plan } from './plan.js';

/** The outlook takes milliseconds to compute: not after every answer. */
export const INTERVAL_MS = 1000;

/** Tells the listener how far it is, at most once a second. */
export function progressOf(
  engine: VerdictEngine,
  plan: Plan,
  clock: Clock,
  onProgress: ProgressListener | undefined,
  waiting: () => string | null = () => null,
): (harvest: Harvest) => void {
  if (!onProgress) return () => {};
  const startedAt = clock.now();
  const atLeast = leastAnswersForPass(plan.items, { ...plan.engineConfig, judgeError: engine.summary().judgeError });
  let last = Number.NEGATIVE_INFINITY;
  return (harvest) => {
    if (clock.now() - last < INTERVAL_MS) return;
    last = clock.now();
    const elapsedSeconds = (last - startedAt) / 1000;
    const { answers, blocks, maxBlocks, expectedFurtherAnswers } = engine.summary();
    const leaning = engine.leaning();
    const { candidate: candidateAnswers, baseline: baselineAnswers } = harvest.answers;
    const further = blocks === 0 ? Math.max(0, atLeast - answers) : expectedFurtherAnswers;
    const needed = further === null || leaning === 'leaning fail' ? null : answers + further;
    onProgress({
      ...{ candidateAnswers, baselineAnswers, maxBlocks, elapsedSeconds, leaning },
      block: Math.min(blocks + 1, maxBlocks),
      secondsLeft: secondsUntil(needed, candidateAnswers, elapsedSeconds),
      waiting: waiting(),
    });
  };
}

/**
 * At the pace of all candidate answers so far, also of those that have not counted yet: when a block has just begun, hardly
 * any of its answers have, while a good part of them is there.
 */
function secondsUntil(needed: number | null, candidateAnswers: number, elapsedSeconds: number): number | null {
  if (needed === null || !Number.isFinite(needed) || candidateAnswers === 0) return null;
  return (Math.max(0, needed - candidateAnswers) * elapsedSeconds) / candidateAnswers;
}
