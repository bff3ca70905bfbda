import type { ModelSettings, Settings } from '../config/settings.js';
import { isBlank } from '../core/text.js';
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

/** How many prompts both models answer at temperature 0, and from how many equal answers on they look like one model. */
export const SAME_MODEL_PROMPTS = 6;
const EQUAL_FROM = 5;

/** Both models' answers to one prompt at temperature 0; null where one gave none. */
export interface GreedyPair {
  readonly candidate: string | null;
  readonly baseline: string | null;
}

/** Case and punctuation are kept: a fine-tune may well change only these. */
export function normalised(text: string): string {
  return text.normalize('NFKC').replace(/\s+/g, ' ').trim();
}

/**
 * The guard `same-model`: a server that gives out the base under the fine-tune's name would pass.
 * @returns null where too few prompts were answered by both to tell
 */
export function sameAnswers(pairs: readonly GreedyPair[]): GuardFinding | null {
  const compared = pairs.flatMap(({ candidate, baseline }) => {
    const [a, b] = [candidate ?? '', baseline ?? ''];
    return isBlank(a) && isBlank(b) ? [] : [normalised(a) === normalised(b)];
  });
  if (compared.length < EQUAL_FROM) return null;
  const equal = compared.filter(Boolean).length;
  const tripped = equal >= EQUAL_FROM;
  const found = `At temperature 0 candidate and baseline give the same answer to ${equal} of ${compared.length} prompts`;
  const message = tripped ? `${found}: they look like one model.` : `${found}: they are not one model.`;
  return { code: 'same-model', effect: 'no-pass', tripped, message };
}
