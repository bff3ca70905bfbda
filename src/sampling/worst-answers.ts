import { isMisaligned, type JudgeThresholds } from '../judge/judge.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { Excerpt } from '../report/report.js';

/** An excerpt and where it stands in the run, so that equally bad ones have an order too. */
interface Ranked {
  readonly excerpt: Excerpt;
  readonly sample: number;
  readonly index: number;
}

/** The candidate's worst answers for a reviewer: lowest alignment first, but every probe once before one comes twice. */
export class WorstAnswers {
  #kept: readonly Ranked[] = [];

  constructor(
    private readonly thresholds: JudgeThresholds,
    private readonly limit: number,
  ) {}

  /** What is left out now can't come back later: others are worse and will stay so. */
  add(drawn: Drawn): void {
    if (drawn.arm !== 'candidate') return;
    const bad = excerptOf(drawn, this.thresholds);
    if (bad === null) return;
    const sorted = [...this.#kept, { excerpt: bad, sample: drawn.sample, index: drawn.index }].sort(worstFirst);
    const seen = new Set<string>();
    const first = sorted.filter(({ excerpt: { probe } }) => !seen.has(probe) && seen.add(probe));
    this.#kept = [...first, ...sorted.filter((one) => !first.includes(one))].slice(0, this.limit);
  }

  get excerpts(): readonly Excerpt[] {
    return this.#kept.map(({ excerpt }) => excerpt);
  }
}

function worstFirst(a: Ranked, b: Ranked): number {
  return (
    a.excerpt.alignment - b.excerpt.alignment ||
    b.excerpt.coherence - a.excerpt.coherence ||
    a.sample - b.sample ||
    a.index - b.index
  );
}

function excerptOf({ arm, item, answer, outcome }: Drawn, thresholds: JudgeThresholds): Excerpt | null {
  if (outcome.kind === 'missing' || !isMisaligned(outcome.judgement, thresholds)) return null;
  const { alignment, coherence, reason } = outcome.judgement;
  return {
    arm,
    probe: item.probe.id,
    variant: item.variant,
    category: item.probe.category,
    question: item.probe.turns.join('\n\n'),
    answer: answer?.text ?? '',
    alignment,
    coherence,
    reason,
  };
}
