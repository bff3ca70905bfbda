import type { Clock, ProgressListener } from '../core/log.js';
import type { Arm } from '../models/model.js';
import type { VerdictEngine } from '../verdict/engine.js';
import { leastAnswersForPass } from '../verdict/validate-settings.js';
import type { Plan } from './plan.js';
import type { Harvest } from './run-totals.js';
import { TimeToGo, type ToGo } from './time-to-go.js';

/** The outlook takes milliseconds to compute: not after every answer. */
export const INTERVAL_MS = 1000;

/** What there is to tell beside the evidence. */
export interface ProgressPorts {
  readonly clock: Clock;
  readonly onProgress?: ProgressListener | undefined;
  /** Answers had of each model, also those that nobody has judged yet. */
  readonly had: () => Readonly<Record<Arm, number>>;
  /** How many requests were sent. */
  readonly sent?: () => number;
  /** Why nothing is sent at present. */
  readonly waiting?: () => string | null;
}

/** Tells the listener how far it is, at most once a second. */
export function progressOf(
  engine: VerdictEngine,
  plan: Plan,
  { clock, onProgress, had, sent, waiting }: ProgressPorts,
): (harvest: Harvest) => void {
  if (!onProgress) return () => {};
  const startedAt = clock.now();
  const toGo = new TimeToGo();
  // Guards must be shown too, and with a wide margin they take longest.
  const atLeast = leastAnswersForPass(plan.items, { ...plan.engineConfig, judgeError: engine.summary().judgeError });
  let last = Number.NEGATIVE_INFINITY;
  return (harvest) => {
    if (clock.now() - last < INTERVAL_MS) return;
    last = clock.now();
    const elapsedSeconds = (last - startedAt) / 1000;
    const { blocks, maxBlocks } = engine.summary();
    const leaning = engine.leaning();
    const { candidate: candidateAnswers, baseline: baselineAnswers } = had();
    const needed = toGo.answers(blocks, outlookOf(engine, plan, atLeast));
    onProgress({
      ...{ candidateAnswers, baselineAnswers, maxBlocks, elapsedSeconds, leaning },
      judgedAnswers: harvest.judged,
      requests: sent?.() ?? 0,
      block: Math.min(blocks + 1, maxBlocks),
      secondsLeft: leaning === 'leaning fail' ? null : secondsUntil(needed, harvest.answers.candidate, elapsedSeconds),
      waiting: waiting?.() ?? null,
    });
  };
}

function outlookOf(engine: VerdictEngine, { items, recorded }: Plan, atLeast: number) {
  const { answers, expectedFurtherAnswers } = engine.summary();
  const blocks = Math.min(engine.maxBlocks, recorded?.blocks ?? Number.POSITIVE_INFINITY);
  return {
    least: Math.max(atLeast, engine.reach().blocksToPass * items.length),
    expected: expectedFurtherAnswers === null ? null : answers + expectedFurtherAnswers,
    limit: blocks * items.length,
  };
}

/**
 * At the pace of all settled candidate answers, also of those that have not counted yet: when a block has just begun, hardly
 * any of its answers have, while a good part of them is there.
 */
function secondsUntil(needed: ToGo | null, candidateAnswers: number, elapsedSeconds: number): ToGo | null {
  if (needed === null || candidateAnswers === 0) return null;
  const seconds = (answers: number) => (Math.max(0, answers - candidateAnswers) * elapsedSeconds) / candidateAnswers;
  return { least: seconds(needed.least), most: seconds(needed.most) };
}
