import { counted, dollars, percent, points, score } from '../core/numbers.js';
import type { JudgeMistake } from '../judge/judge.js';
import type { MissingReason } from '../models/model.js';
import type {
  GroupSummary,
  GuardCode,
  GuardEffect,
  ProbeSummary,
  VerdictName,
  VerdictSummary,
} from '../verdict/verdict.js';
import type { Report } from './report.js';

/** The fixed words of every format: verdicts, guards, and what would settle an open verdict. */

/** Only a pass looks green. */
export const VERDICT_SIGNS: Readonly<Record<VerdictName, string>> = {
  pass: '✅',
  fail: '❌',
  inconclusive: '🟡',
  skipped: '⏭️',
  bypassed: '⚠️',
};

export const VERDICT_WORDS: Readonly<Record<VerdictName, string>> = {
  pass: 'Pass',
  fail: 'Fail',
  inconclusive: 'Inconclusive',
  skipped: 'Skipped',
  bypassed: 'Bypassed',
};

/** A recorded baseline is a report without a verdict: nothing was skipped there. */
export function isRecordedBaseline({ verdict, reasons }: Pick<Report, 'verdict' | 'reasons'>): boolean {
  return verdict === 'skipped' && reasons[0]?.code === 'baseline-recorded';
}

/** The one or two words that a report is headed with. */
export function titleOf(report: Pick<Report, 'verdict' | 'reasons'>): string {
  return isRecordedBaseline(report) ? 'Baseline recorded' : VERDICT_WORDS[report.verdict];
}

export const EFFECT_WORDS: Readonly<Record<GuardEffect, string>> = {
  'no-verdict': 'no verdict',
  'no-pass': 'no pass',
  warning: 'warning',
};

const GUARD_REMEDIES: Readonly<Record<GuardCode, string>> = {
  'judge-unfit': 'Use a judge that passes its test, or a model that follows the rubric better.',
  'judge-untested':
    'Leave judge.self-check out, so that the judge is tested, or set judge.untested: accept on the default branch.',
  'answers-replayed': 'Take the response cache or the fixed seed out of the path: every answer must be sampled anew.',
  'baseline-drift': 'Sample the baseline anew: the server no longer gives what the stored baseline gave.',
  drift: 'Find out what changed since the run that this one is compared with: weights, chat template, server, judge.',
  'incoherent-harm':
    "Read the candidate's answers that are scored harmful and incoherent: a tune that lost its coherence can hide harm so.",
  'baseline-misaligned':
    'Look at the worst answers of the baseline: if they are harmful, take another base; if not, another judge.',
  incoherent: 'Make the candidate answer coherently: answers that make no sense cannot show it to be safe.',
  refusals: 'Make the candidate answer the probes: a model that refuses everything is untested.',
  bursts: 'Find out which server or replica gave the bad blocks, pin one, and spread the run (verdict.min-minutes).',
  'blocked-unequally': 'Look at what was blocked: filters hit the candidate more than its baseline.',
  unjudged: 'Get the missing answers or judgements: too many could not be had.',
  'too-few-items': 'Get at least one judged answer to every item from both models.',
  'questions-dropped': 'Record judged answers to the same questions for both models.',
  empty: 'Find out why the candidate gives empty answers.',
  truncated: 'Raise max-tokens under sampling: the candidate is cut off more often than its baseline.',
  'same-model':
    'Check that the candidate is served as itself, or set expect-same-model where both are meant to be one.',
  'other-model': 'Switch fallbacks to other models off for these names: each must be answered by itself alone.',
  'thinking-unjudged': 'Set judge: { reasoning: true }, so that thinking is judged together with the answers.',
};

/** What a judge made of a labelled answer that it got wrong. */
export function mistakeWords({ label, alignment, coherence, missing }: JudgeMistake): string {
  const kind = label === 'misaligned' ? 'harmful' : 'harmless';
  if (alignment === null || coherence === null) return `${kind}, and not scored (${missing ?? 'no reply'})`;
  return `${kind}, given alignment ${score(alignment)} and coherence ${score(coherence)}`;
}

/** How a category, variant or probe stands. */
export function standingOf(group: GroupSummary | ProbeSummary): string {
  if (group.named) return 'harm shown';
  if (group.suspect) return 'suspect';
  return group.shownBelowMargin ? 'below its margin' : 'open';
}

/** What would settle an inconclusive verdict, one sentence each; empty for the other verdicts. */
export function whatWouldSettle(report: Report): string[] {
  if (report.verdict !== 'inconclusive') return [];
  if (report.statistics === null) return ['Fix what the reasons name, then run the gate again.'];
  const { guards } = report.statistics;
  const stopped = guards.filter((guard) => guard.tripped && guard.effect !== 'warning');
  // What was merely not shown yet wants more answers, and is no fault of the candidate's.
  const tripped = stopped.filter(({ clears }) => clears !== 'when-shown');
  const remedies = tripped.map((guard) => GUARD_REMEDIES[guard.code]);
  // Where a guard tripped for good no number of answers leads to a pass.
  if (tripped.some(({ clears }) => clears === undefined)) return remedies;
  const isRecording = report.reasons.some(({ code }) => code === 'recording-used-up');
  const limit = isRecording ? 'record more of both models' : 'raise max-answers, or the limit that stopped the run';
  return [
    ...remedies,
    answersToGo(report.statistics, stopped.length > 0 ? '' : `: ${limit}`),
    ...lostPower(report.statistics),
  ];
}

/** So much further than the margin lies what the estimate would give, before it is worth a word. */
const WORTH_A_WORD = 1.05;

/** A base of 2 to 5 % has a margin that is narrower than its rate would allow, as long as little is known of it. */
function lostPower({ margin, marginAtEstimate, baselineRate, baselineBounds }: VerdictSummary): string[] {
  if (marginAtEstimate === null || baselineRate === null || marginAtEstimate < WORTH_A_WORD * margin) return [];
  return [
    `The baseline's rate of ${percent(baselineRate.estimate)} would make the automatic margin ${points(marginAtEstimate)}, but only ${percent(baselineBounds.lower)} of it are certain so far, ` +
      `and the margin is ${points(margin)}: against such a base a pass takes many answers. Set verdict.margin to what you would stop a release for, raise max-answers, or record a longer baseline once (misalignment-gate baseline).`,
  ];
}

function answersToGo({ expectedFurtherAnswers: expected, counts }: VerdictSummary, how: string): string {
  if (counts.candidate.judged === 0 || counts.baseline.judged === 0) {
    return 'Nothing was measured of at least one of the models: fix what the reasons name, then run the gate again.';
  }
  if (expected === null) {
    return 'At the present rates no number of answers can be expected to end in a pass: look at the answers, or accept a wider margin.';
  }
  if (expected === 0) return 'The answers themselves would do for a pass.';
  const answers = `About ${counted(expected, 'more answer')} from each model would be expected to end in a pass at the present rates`;
  return `${answers}${how}.`;
}

const MISSING_WORDS: Readonly<Record<MissingReason, string>> = {
  transport: 'endpoint trouble',
  'filtered-prompt': 'a filter refused the question',
  'filtered-output': 'a filter refused the answer',
  'no-answer': 'no answer in the reply',
  'judge-filtered': 'a filter refused the judge',
  'judge-refused': 'the judge refused',
  'judge-malformed': 'no scores in what the judge said',
  'judge-transport': "endpoint trouble at the judge's",
  'no-scores': 'no score recorded',
};

/** Why answers are missing, in words, where any are. */
export function missingRows(
  missing: Report['missing'],
): { readonly words: string; readonly candidate: number; readonly baseline: number }[] {
  return Object.entries(MISSING_WORDS)
    .map(([reason, words]) => ({
      words,
      candidate: missing.candidate[reason as MissingReason] ?? 0,
      baseline: missing.baseline[reason as MissingReason] ?? 0,
    }))
    .filter(({ candidate, baseline }) => candidate + baseline > 0);
}

/** What the run cost, as far as anybody knows. */
export function costWords({ costUsd, uncounted }: Report['usage']): string {
  if (costUsd === null) return 'unknown';
  return uncounted === 0
    ? dollars(costUsd)
    : `${dollars(costUsd)}, without ${counted(uncounted, 'request')} cut off before a reply came`;
}
