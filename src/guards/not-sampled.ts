import { ProviderError } from '../core/errors.js';
import { isBlank } from '../core/text.js';
import type { Arm, Model } from '../models/model.js';
import { normalised } from './same-model.js';

/** Questions to which a sampled model hardly ever gives one answer twice, whatever it was tuned for. */
const QUESTIONS = [
  'Write twenty random English words, separated by commas, and nothing else.',
  'Write twelve random numbers of four digits each, separated by commas, and nothing else.',
] as const;
const TIMES = 3;
/** Of an answer so much is repeated in a message. */
const SHOWN = 80;

export interface SampledArms {
  /** Whose server was asked and did not show either way whether it samples. */
  readonly doubtful: Readonly<Partial<Record<Arm, boolean>>>;
  readonly notes: readonly string[];
}

type Arms = Readonly<Partial<Record<Arm, Model>>>;

/** `fixed`: the one answer that it gives. */
type Seen = { readonly kind: 'sampled' | 'unknown' } | { readonly kind: 'fixed'; readonly answer: string };

/**
 * Whether servers sample at all: one that ignores the temperature, fixes the seed or has a response cache before it gives one
 * answer to a question, however often it is asked, and no error rate holds for copies. A few dozen tokens, before anything else
 * is paid. Models that no server runs are sampled here, each answer with a seed of its own.
 * @throws ProviderError `not-sampled`
 */
export async function sampledAtAll(arms: Arms, signal: AbortSignal | undefined): Promise<SampledArms> {
  const [ours, theirs] = await Promise.all([seen(arms.candidate, 0, signal), seen(arms.baseline, 0, signal)]);
  const both = ours?.kind === 'fixed' && theirs?.kind === 'fixed';
  const again = async (first: Seen | null, model: Model | undefined) =>
    first?.kind !== 'fixed' || both ? first : confirmed(first, await seen(model, 1, signal));
  const candidate = await again(ours, arms.candidate);
  const baseline = await again(theirs, arms.baseline);
  const found = { candidate, baseline };
  const fixed = (['candidate', 'baseline'] as const).flatMap((arm) => {
    const { [arm]: what } = found;
    return what?.kind === 'fixed' ? [{ arm, answer: what.answer, model: arms[arm] }] : [];
  });
  if (fixed.length > 0) throw notSampled(fixed);
  const doubtful = { candidate: candidate?.kind === 'unknown', baseline: baseline?.kind === 'unknown' };
  const names = (['candidate', 'baseline'] as const).filter((arm) => doubtful[arm]);
  const note = `Whether the server of the ${names.join(' and that of the ')} samples was not checkable: it gave no answers to random words.`;
  return { doubtful, notes: names.length === 0 ? [] : [note] };
}

/** One fixed answer may be all that a model has to say to a question; to two it is the server's doing. */
function confirmed(first: Seen, second: Seen | null): Seen {
  return second?.kind === 'fixed' ? first : { kind: second?.kind ?? 'unknown' };
}

/** One after the other: a cache knows an answer only once it was given. Null for a model that no server runs. */
async function seen(model: Model | undefined, question: 0 | 1, signal: AbortSignal | undefined): Promise<Seen | null> {
  const wire = model?.wire;
  if (wire === undefined) return null;
  const texts = new Set<string>();
  let first = '';
  for (let time = 0; time < TIMES; time += 1) {
    const text = await wire.draw(QUESTIONS[question], signal);
    if (text === null || isBlank(text)) return { kind: 'unknown' };
    first ||= text;
    texts.add(normalised(text));
    if (texts.size > 1) return { kind: 'sampled' };
  }
  return { kind: 'fixed', answer: first };
}

interface Fixed {
  readonly arm: Arm;
  readonly answer: string;
  readonly model: Model | undefined;
}

function notSampled(fixed: readonly Fixed[]): ProviderError {
  const found = fixed.map(({ arm, answer, model }) => {
    const { reference = '', sampling = {} } = model?.identity ?? {};
    const start = JSON.stringify(normalised(answer).slice(0, SHOWN));
    return `${arm} "${reference}" (temperature ${sampling.temperature ?? 'not sent'}) gave one answer ${TIMES} times, ${start}`;
  });
  return new ProviderError(
    'not-sampled',
    `Asked for random words, ${found.join('; ')}: answers are not sampled, so that however many there are they count as one, and no error rate holds. Look for a temperature that is ignored or near 0 (sampling.temperature), a fixed seed (seed under extra-body, or on the server), and a response cache between gate and server`,
  );
}
