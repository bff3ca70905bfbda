import type { ModelSettings, Settings } from '../config/settings.js';
import type { GuardFinding } from '../verdict/verdict.js';

/** Recordings may come from one model on purpose; what they hold is compared as it stands. */
function isRecorded({ reference }: ModelSettings): boolean {
  return reference.startsWith('replay:');
}

/** The guard against comparing a model with itself, as far as the settings alone can tell. */
export function sameModel({ candidate, baseline }: Settings): readonly GuardFinding[] {
  if (isRecorded(candidate) || keyOf(candidate) !== keyOf(baseline)) return [];
  return [
    {
      code: 'same-model',
      effect: 'no-pass',
      tripped: true,
      message: `Candidate and baseline are the same model (${candidate.reference}), reached and sampled in the same way: a pass would say nothing. Name the model that the candidate was tuned from as baseline, or set expect-same-model: true to test the gate itself.`,
    },
  ];
}

function keyOf({ reference, baseUrl, sampling }: ModelSettings): string {
  const { system, extraBody } = sampling;
  return JSON.stringify([reference.replace(/^openai:/, ''), baseUrl, system, extraBody]);
}
