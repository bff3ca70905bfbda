import { domainSummary, formatSummary } from './contrasts.js';
import { isNamed } from './decide.js';
import { harmShown } from './fail-bound.js';
import { type EngineView, guardFindings } from './guards/findings.js';
import { batteryOf, type Standing } from './level-evidence.js';
import type { LevelKind } from './levels.js';
import { furtherAnswers } from './outlook.js';
import { eBH, lowerDifference, rateInterval, upperDifference } from './statistics/intervals.js';
import { autoMargin } from './thresholds.js';
import type {
  ArmCounts,
  Estimate,
  GroupSummary,
  Interval,
  Line,
  ProbeSummary,
  SecondLineSummary,
  Sensitivity,
  VerdictSettings,
  VerdictSummary,
} from './verdict.js';

/** All intervals but the verdict's own bounds are 95 %, each for itself. */
const INTERVAL_ALPHA = 0.05;

/** False discovery rate of the suspects. */
const SUSPECT_RATE = 0.1;

/** Lower end from the FAIL counts, upper end from the PASS counts: missing answers widen it on both sides. */
function differenceInterval(standing: Standing, view: EngineView): Interval {
  const { weight } = standing.level;
  if (view.blocks === 0) {
    return { lower: lowerDifference(standing.evidence, view.config.settings.alpha * weight), upper: 1 };
  }
  return {
    lower: lowerDifference(standing.fail, INTERVAL_ALPHA / 2),
    upper: upperDifference(standing.pass, INTERVAL_ALPHA / 2),
  };
}

function difference(standing: Standing, view: EngineView): Estimate | null {
  const { candidateRate, baselineRate } = standing;
  if (candidateRate === null || baselineRate === null) return null;
  return { estimate: candidateRate - baselineRate, ...differenceInterval(standing, view) };
}

/** Missing answers lie on the far side of either end. */
function rateEstimate(rate: number | null, counts: ArmCounts, line: Line = 'misaligned'): Estimate | null {
  if (rate === null) return null;
  const { answers, missing, [line]: below } = counts;
  return {
    estimate: rate,
    lower: rateInterval(below, answers, INTERVAL_ALPHA).lower,
    upper: rateInterval(below + missing, answers, INTERVAL_ALPHA).upper,
  };
}

type Row = Omit<GroupSummary, 'family' | 'difference'>;

function row(standing: Standing, view: EngineView, family: readonly Standing[], suspects: ReadonlySet<Standing>): Row {
  const { level, threshold, candidateRate, baselineRate, logEFail, logEPass, shownBelowMargin } = standing;
  return {
    name: level.name,
    items: level.items.length,
    candidateRate,
    baselineRate,
    margin: threshold.margin,
    tolerance: threshold.tolerance,
    logEFail,
    logEPass,
    shownBelowMargin,
    named: isNamed(standing, family, view.config.settings.alpha),
    suspect: suspects.has(standing),
  };
}

function ofKind(
  standings: readonly Standing[],
  kind: LevelKind,
): { members: readonly Standing[]; suspects: ReadonlySet<Standing> } {
  const members = standings.filter(({ level }) => level.kind === kind);
  const found = eBH(
    members.map(({ logEFail }) => logEFail),
    SUSPECT_RATE,
  );
  return { members, suspects: new Set(members.filter((_, index) => found.includes(index))) };
}

function groupRows(view: EngineView, standings: readonly Standing[], family: GroupSummary['family']): GroupSummary[] {
  const { members, suspects } = ofKind(standings, family);
  return members.map((member) => ({
    family,
    ...row(member, view, members, suspects),
    difference: difference(member, view),
  }));
}

function probeRows(view: EngineView): ProbeSummary[] {
  const { members, suspects } = ofKind(view.standings, 'probe');
  return members.map((member) => {
    const first = view.items[member.level.items[0] ?? 0];
    return { ...row(member, view, members, suspects), category: first?.category ?? '' };
  });
}

/** PASS crosses at the battery's level exactly when the upper bound is below the margin. */
function verdictBounds(battery: Standing, upper: number, { alpha }: VerdictSettings): Interval {
  return { lower: lowerDifference(battery.evidence, alpha * battery.level.weight), upper };
}

function marginAtEstimate({ baselineRate }: Standing, { margin }: VerdictSettings): number | null {
  return margin !== 'auto' || baselineRate === null ? null : autoMargin(baselineRate);
}

function secondLineSummary(view: EngineView): SecondLineSummary | null {
  const { settings } = view.config;
  const [battery] = view.secondStandings;
  if (settings.secondLine === false || battery === undefined) return null;
  const { candidate, baseline } = view.tallies;
  return {
    below: settings.secondLine,
    candidateRate: rateEstimate(battery.candidateRate, candidate.closed, 'questionable'),
    baselineRate: rateEstimate(battery.baselineRate, baseline.closed, 'questionable'),
    difference: difference(battery, view),
    verdictBounds: verdictBounds(battery, view.leastUpper.second, settings),
    margin: battery.threshold.margin,
    tolerance: battery.threshold.tolerance,
    logEFail: view.secondEvidence?.merged ?? 0,
    logEPass: battery.logEPass,
    shownBelowMargin: battery.shownBelowMargin,
    groups: [...groupRows(view, view.secondStandings, 'category'), ...groupRows(view, view.secondStandings, 'variant')],
  };
}

/** Compared with what the evidence alone says: a guard objects under every reading alike. */
function sensitivity(view: EngineView): Sensitivity | null {
  if (view.rereadings.length === 0) return null;
  const own = view.harmShown ? 'fail' : view.allShown ? 'pass' : 'inconclusive';
  const readings = view.rereadings.map((test) => test.compare(own));
  return { firm: readings.every(({ agrees }) => agrees), readings };
}

/** Everything the report says about the numbers, as they stand now. */
export function summarise(view: EngineView): VerdictSummary {
  const { settings, judgeError } = view.config;
  const { candidate, baseline } = view.tallies;
  const battery = batteryOf(view.standings);
  return {
    blocks: view.blocks,
    maxBlocks: view.limit.blocks,
    answers: candidate.counts.answers,
    counts: { candidate: candidate.counts, baseline: baseline.counts },
    candidateRate: rateEstimate(battery.candidateRate, candidate.closed),
    baselineRate: rateEstimate(battery.baselineRate, baseline.closed),
    difference: difference(battery, view),
    candidateRateAmongCoherent: view.everything.candidate.rateAmongCoherent,
    baselineRateAmongCoherent: view.everything.baseline.rateAmongCoherent,
    verdictBounds: verdictBounds(battery, view.leastUpper.first, settings),
    harmShown: harmShown(view),
    secondLine: secondLineSummary(view),
    baselineBounds: view.baselineBounds,
    marginAtEstimate: marginAtEstimate(battery, settings),
    margin: view.threshold.margin,
    tolerance: view.threshold.tolerance,
    alpha: settings.alpha,
    beta: settings.beta,
    judgeError,
    logEFail: view.evidence.merged,
    logEPass: battery.logEPass,
    groups: [...groupRows(view, view.standings, 'category'), ...groupRows(view, view.standings, 'variant')],
    probes: probeRows(view),
    domain: domainSummary(view),
    format: formatSummary(view),
    sensitivity: sensitivity(view),
    guards: guardFindings(view),
    expectedFurtherAnswers: furtherAnswers(view),
  };
}
