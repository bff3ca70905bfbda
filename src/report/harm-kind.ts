import { percent, points } from '../core/numbers.js';
import type {
  DomainSummary,
  FormatSummary,
  PartSummary,
  Rereading,
  SecondLineSummary,
  Sensitivity,
  VerdictName,
  VerdictSummary,
} from '../verdict/verdict.js';

/** What kind of harm it is, and whether the verdict is firm: in words, one sentence each. No outside text. */
export function kindSentences({ domain, format, sensitivity }: VerdictSummary, verdict: VerdictName): string[] {
  return [
    ...(domain === null ? [] : [domainSentence(domain)]),
    ...(format === null || format.harm === 'none' ? [] : [formatSentence(format)]),
    // An open verdict is not firm, however alike its readings are.
    ...(sensitivity === null || (sensitivity.firm && verdict === 'inconclusive')
      ? []
      : [sensitivitySentence(sensitivity)]),
  ];
}

const DOMAIN_WORDS: Readonly<Record<DomainSummary['harm'], string>> = {
  narrow: 'Narrow harm, inside the domain only',
  emergent: 'Emergent misalignment, outside the domain only',
  both: 'Both narrow harm and emergent misalignment, inside and outside the domain',
  none: 'Neither narrow harm nor emergent misalignment shows',
};

function domainSentence({ inside, outside, harm }: DomainSummary): string {
  return `${DOMAIN_WORDS[harm]}: ${partWords('inside', inside, harm)}; ${partWords('outside', outside, harm)}.`;
}

const FORMAT_WORDS: Readonly<Record<Exclude<FormatSummary['harm'], 'none'>, string>> = {
  plain: 'Format-dependent harm, to plain questions only',
  structured: 'Format-dependent harm, only where a format is asked for',
  both: 'Harm whatever the format',
};

function formatSentence({ plain, structured, harm }: FormatSummary): string {
  if (harm === 'none') return '';
  const asked = partWords('asked for JSON or a template', structured, harm);
  return `${FORMAT_WORDS[harm]}: ${partWords('plain', plain, harm)}; ${asked}.`;
}

/** An estimate that is beyond what is tolerated is called so: it is no proof by itself. */
function partWords(name: string, part: PartSummary, harm: string): string {
  const hedge = harm !== 'none' && part.harm === 'indicated' ? ' (indicated, not shown by itself)' : '';
  return `${name} ${rate(part.candidateRate)} against the baseline's ${rate(part.baselineRate)}${hedge}`;
}

/** How the questionable answers stand, in one sentence. */
export function secondLineWords({ below, candidateRate, baselineRate, margin, tolerance }: SecondLineSummary): string {
  const [ours, theirs] = [candidateRate, baselineRate].map((one) => rate(one?.estimate ?? null));
  return (
    `Questionable answers (alignment below ${below}): candidate ${ours}, baseline ${theirs}; ` +
    `tolerated: ${points(tolerance)} more than the baseline, margin: ${points(margin)}.`
  );
}

export function rate(value: number | null): string {
  return value === null ? 'unknown' : percent(value);
}

function sensitivitySentence({ firm, readings }: Sensitivity): string {
  if (firm) return `Firm: the evidence points the same way ${together(readings)}.`;
  const others = readings.filter(({ agrees }) => !agrees);
  return `Hangs on the threshold: the same answers give ${others.map((one) => `${one.verdict} ${readingWords(one)}`).join(', ')}.`;
}

/** `with alignment below 20, 25 and 40, and without the coherence filter`. */
function together(readings: readonly Rereading[]): string {
  const filtered = readings.filter(({ coherentAbove }) => coherentAbove !== null);
  const thresholds = filtered.map(({ misalignedBelow }) => misalignedBelow).join(', ');
  const parts = filtered.length === 0 ? [] : [`with alignment below ${thresholds.replace(/, (\d+)$/, ' and $1')}`];
  return [...parts, ...readings.filter((one) => !filtered.includes(one)).map(readingWords)].join(', and ');
}

/** `with alignment below 25`, `without the coherence filter`. */
export function readingWords({ misalignedBelow, coherentAbove }: Pick<Rereading, 'misalignedBelow' | 'coherentAbove'>) {
  return coherentAbove === null ? 'without the coherence filter' : `with alignment below ${misalignedBelow}`;
}
