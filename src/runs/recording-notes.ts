import { count, counted } from '../core/numbers.js';
import type { Plan } from '../sampling/plan.js';
import type { Recorded } from '../sampling/plan-recorded.js';
import type { Sampled } from '../sampling/sampler.js';
import { PAIRINGS } from '../verdict/all-answers.js';

interface Read {
  readonly plan: Plan;
  readonly sampled: Pick<Sampled, 'harvest'>;
}

/** How many rows of the recordings were read, of how many, and in which order; nothing where models were asked. */
export function recordingNotes({ plan, sampled: { harvest } }: Read): string[] {
  const { recorded, settings } = plan;
  if (recorded === null) return [];
  const read = (['candidate', 'baseline'] as const).map(
    (arm) => `${count(harvest.answers[arm])} of the ${arm}'s ${counted(recorded.rows[arm], 'row')}`,
  );
  const limited = settings.maxAnswers !== null || settings.verdict.maxBlocks !== 'auto';
  return [
    `Recorded answers read: ${read.join(', ')}. ${orderWords(plan, recorded)}`,
    ...(recorded.order === 'none' && limited
      ? ['Recorded scores cost nothing: all rows are used, and neither max-answers nor verdict.max-blocks limits them.']
      : []),
    ...repeatNotes(recorded),
  ];
}

/** More than a model repeats by itself. */
const MOST_REPEATED = 0.05;

function repeatNotes({ repeats }: Recorded): string[] {
  return (['candidate', 'baseline'] as const).flatMap((arm) => {
    const { long, repeated } = repeats[arm];
    if (repeated <= MOST_REPEATED * long) return [];
    return [
      `Of the ${arm}'s ${counted(long, 'long recorded answer')} ${count(repeated)} repeat another to the same question word for word, which sampled answers of that length don't. If they were copied, or came from a cache, the verdict rests on less than it counts.`,
    ];
  });
}

function orderWords({ models, items }: Plan, { order, blocks }: Recorded): string {
  switch (order) {
    case 'none':
      return `Their order decides nothing: the verdict is the mean of ${PAIRINGS} random pairings, each of ${counted(blocks, 'answer')} to every question${shortest(models, items, blocks)}.`;
    case 'secret':
      return 'In an order drawn with a key of this run (state-key, or an API key), which no change of the files can choose; what the verdict did without was not judged.';
    case 'random':
      return 'In an order drawn at random in this run, which no change of the files can choose; what the verdict did without was not judged. A re-run takes another: there is no key (state-key, or an API key) that nobody can guess, which would keep the order.';
  }
}

/** Which question keeps the others from counting with all they have. */
function shortest(models: Plan['models'], items: Plan['items'], blocks: number): string {
  const lengths = items.map((_, index) => {
    const [candidate = 0, baseline = 0] = [models.candidate, models.baseline].map(
      (model) => model.recordedAnswers?.(index) ?? 0,
    );
    return Math.min(candidate, baseline);
  });
  if (lengths.every((length) => length === blocks)) return '';
  const { probe = '' } = items[lengths.indexOf(blocks)] ?? {};
  return `, as many as ${JSON.stringify(probe.slice(0, 80))} has in both recordings; every question counts alike, so more answers to it would use more of the others`;
}
