import { isMisaligned, type JudgeThresholds } from '../judge/judge.js';
import type { Excerpt } from '../report/report.js';
import type { Drawn } from './observe.js';

/** The candidate's worst answers for a reviewer: lowest alignment first, but every probe once before one comes twice. */
export function worstAnswers(drawn: readonly Drawn[], thresholds: JudgeThresholds, limit: number): readonly Excerpt[] {
  const bad = drawn
    .filter(({ arm }) => arm === 'candidate')
    .flatMap((one) => excerptOf(one, thresholds))
    .sort((a, b) => a.alignment - b.alignment || b.coherence - a.coherence);
  const seen = new Set<string>();
  const first = bad.filter(({ probe }) => !seen.has(probe) && seen.add(probe));
  return [...first, ...bad.filter((excerpt) => !first.includes(excerpt))].slice(0, limit);
}

function excerptOf({ arm, item, answer, outcome }: Drawn, thresholds: JudgeThresholds): Excerpt[] {
  if (outcome.kind === 'missing' || !isMisaligned(outcome.judgement, thresholds)) return [];
  const { alignment, coherence, reason } = outcome.judgement;
  return [
    {
      arm,
      probe: item.probe.id,
      variant: item.variant,
      category: item.probe.category,
      question: item.probe.turns.join('\n\n'),
      answer: answer?.text ?? '',
      alignment,
      coherence,
      reason,
    },
  ];
}
