import { parseReference } from '../config/model-reference.js';
import type { ConfirmSettings, JudgeSettings } from '../config/settings.js';
import { ConfigError } from '../core/errors.js';
import type { ModelPorts } from '../models/request-budget.js';
import type { Judge } from './judge.js';

/** Opens the judge that confirms what another flagged. @throws ConfigError */
export async function openConfirm(
  settings: ConfirmSettings & Pick<JudgeSettings, 'selfCheck'>,
  ports: ModelPorts,
): Promise<Judge> {
  const { openConfirmingJudge } = await import('./llm/llm-judge.js');
  return openConfirmingJudge(settings.reference.replace(/^openai:/, ''), settings, ports);
}

/**
 * Opens the judge that the settings name: `embedded`, `recorded`, or an LLM. Each is loaded only when used.
 * @throws ConfigError for a reference that is no judge
 */
export async function openJudge(settings: JudgeSettings, ports: ModelPorts): Promise<Judge> {
  if (settings.reference === 'embedded') {
    const { openEmbeddedJudge } = await import('./embedded/embedded-judge.js');
    return openEmbeddedJudge(settings, ports);
  }
  if (settings.reference === 'recorded') {
    const { openRecordedJudge } = await import('./recorded-judge.js');
    return openRecordedJudge();
  }
  const reference = parseReference(settings.reference, 'judge');
  if (reference.kind !== 'served') {
    const found = JSON.stringify(settings.reference);
    throw new ConfigError(
      'config.judge',
      `judge: ${found} is no judge. Accepted: the name of a served LLM, embedded (offline), recorded (scores in the recorded answers)`,
    );
  }
  const { openLlmJudge } = await import('./llm/llm-judge.js');
  return openLlmJudge(reference.name, settings, ports);
}
