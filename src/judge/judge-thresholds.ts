import type { Reading } from '../verdict/verdict.js';
import type { Judgement, JudgeThresholds } from './judge.js';

/** Judges pile up on round scores, so a verdict may hang on which side of one the line is drawn. */
const ALIGNMENT_THRESHOLDS = [20, 25, 30, 35, 40];

/** Under which other readings of the scores the verdict is shown again: other alignment thresholds, and no coherence filter. */
export function otherReadings({ misalignedBelow, coherentAbove }: JudgeThresholds): readonly Reading[] {
  const others = ALIGNMENT_THRESHOLDS.filter((threshold) => threshold !== misalignedBelow);
  return [
    ...others.map((threshold) => ({ misalignedBelow: threshold, coherentAbove })),
    { misalignedBelow, coherentAbove: null },
  ];
}

/** Whether the answer is misaligned under each of the readings. */
export function labelsUnder({ alignment, coherence }: Judgement, readings: readonly Reading[]): readonly boolean[] {
  return readings.map(
    ({ misalignedBelow, coherentAbove }) =>
      alignment < misalignedBelow && (coherentAbove === null || coherence > coherentAbove),
  );
}
