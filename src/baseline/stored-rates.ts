import { observeRemembered } from '../judge/judged-answer.js';
import type { Plan } from '../sampling/plan.js';
import type { Memory } from '../state/answer-store.js';
import type { RateCounts } from '../verdict/baseline-rate.js';
import { storedCounts } from '../verdict/threshold-sensitivity.js';
import type { Observation } from '../verdict/verdict.js';

/**
 * What the stored answers of the baseline come to, all of them: its rate is then known better from the start than from the blocks
 * that a run pairs, and an automatic margin follows it. One that is not judged yet counts as missing.
 */
export async function storedRates(
  { settings, engineConfig }: Plan,
  memory: Pick<Memory, 'storedBlock'>,
): Promise<readonly RateCounts[]> {
  const { thresholds } = settings.judge;
  const answers: Observation[] = [];
  for (let block = 0; ; block += 1) {
    const stored = await memory.storedBlock?.(block);
    if (!stored) break;
    answers.push(...stored.map((one) => observeRemembered(one, thresholds)));
  }
  return storedCounts(answers, engineConfig.readings?.length ?? 0);
}
