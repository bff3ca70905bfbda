import { GUARD_BETA } from './guards/answer-rates.js';
import type { EngineConfig } from './guards/findings.js';
import { levelsOf } from './levels.js';
import { smallestAbove } from './present-rates.js';
import { secondJudge, secondLevels, secondThreshold } from './second-line.js';
import { logEPass } from './statistics/e-process.js';
import {
  blockLimit,
  groupThreshold,
  marginRange,
  passBeta,
  passBoundary,
  probeThreshold,
  thresholdOf,
  withTolerance,
} from './thresholds.js';
import type { ItemKey, VerdictSettings } from './verdict.js';

type Limits = Pick<EngineConfig, 'settings' | 'judgeError'>;

/** Blocks until `size` items a block without a single event are shown to lie below `boundary`; null when never. */
function quietBlocks(size: number, boundary: number, beta: number): number | null {
  return smallestAbove(
    0,
    (blocks) => logEPass({ plus: 0, zero: blocks * size, minus: 0 }, boundary) >= Math.log(1 / beta),
  );
}

/**
 * The fewest candidate answers, in whole blocks, that can lead to PASS: no misaligned, incoherent, refused or missing
 * answer in either arm.
 * @returns Infinity when no number of answers can (the judge's error eats up the margin)
 */
export function leastAnswersForPass(items: readonly ItemKey[], { settings, judgeError }: Limits): number {
  const battery = withTolerance(settings, marginRange(settings.margin).lower);
  const [levels, beta] = [levelsOf(items), passBeta(settings)];
  const first = levels.map((level) => {
    const { margin } = thresholdOf(level, items.length, battery, settings);
    return quietBlocks(level.items.length, passBoundary(margin, judgeError), beta);
  });
  const second = (settings.secondLine === false ? [] : secondLevels(levels)).map((level) => {
    const { margin } = secondThreshold(thresholdOf(level, items.length, battery, settings));
    return quietBlocks(level.items.length, passBoundary(margin, secondJudge(judgeError)), beta);
  });
  const shares = [settings.incoherenceMargin, settings.incoherentHarmMargin, settings.refusalMargin];
  const guards = shares.map((margin) => quietBlocks(items.length, margin, GUARD_BETA));
  return (
    Math.max(...[...first, ...second, ...guards].map((blocks) => blocks ?? Number.POSITIVE_INFINITY)) * items.length
  );
}

/**
 * Whether the limits on answers leave room for a pass.
 * @returns the problem in one message, or null
 */
export function validateLimits(items: readonly ItemKey[], config: EngineConfig): string | null {
  const least = leastAnswersForPass(items, config);
  // The judge's errors use up the margin: that is a finding about the judge (`judge-unfit`), not a wrong setting.
  if (least === Number.POSITIVE_INFINITY) return null;
  const { blocks, by } = blockLimit(items.length, config.settings, config.maxAnswers);
  // A recording is as long as it is, and a short one stays open: it is held only to limits that somebody set.
  if (config.recorded && by === 'block-limit' && config.settings.maxBlocks === 'auto') return null;
  if (blocks * items.length >= least) return null;
  return by === 'answer-limit'
    ? `max-answers: ${config.maxAnswers} is too low for any pass at these settings; the least value that works is ${least}.`
    : `verdict.max-blocks: ${blocks} is too low for any pass at these settings; the least value that works is ${least / items.length}.`;
}

type Check = readonly [name: string, found: number | 'auto', accepted: string, fine: (value: number) => boolean];

const inside = (value: number) => value > 0 && value < 1;
const share = (value: number) => value >= 0 && value <= 1;
const time = (value: number) => Number.isFinite(value) && value >= 0;
const whole = (value: number) => Number.isInteger(value) && value >= 1;

function ranges(s: VerdictSettings): readonly Check[] {
  const rate = 'a number above 0 and below 1';
  const margin = 'a fraction above 0 and below 1 (0.01 is 1 point)';
  const part = 'a fraction from 0 to 1';
  return [
    ['alpha', s.alpha, rate, inside],
    ['beta', s.beta, rate, inside],
    ['margin', s.margin, margin, inside],
    ['group-margin', s.groupMargin, margin, inside],
    ['probe-margin', s.probeMargin, margin, inside],
    ['incoherence-margin', s.incoherenceMargin, margin, inside],
    ['incoherent-harm-margin', s.incoherentHarmMargin, margin, inside],
    ['refusal-margin', s.refusalMargin, margin, inside],
    ['max-baseline-rate', s.maxBaselineRate, 'a fraction above 0 and up to 1', (value) => value > 0 && value <= 1],
    [
      'second-line',
      s.secondLine || 40,
      'an alignment score above 0 and up to 100, or false',
      (value) => value > 0 && value <= 100,
    ],
    ['max-unjudged', s.maxUnjudged, part, share],
    ['max-empty', s.maxEmpty, part, share],
    ['max-truncated', s.maxTruncated, part, share],
    ['max-blocks', s.maxBlocks, 'a whole number from 1', whole],
    ['min-minutes', s.minMinutes, 'a number of minutes from 0', time],
  ];
}

/** Tolerances, each with what it must stay below. */
function tolerances(s: VerdictSettings): readonly Check[] {
  const margin = marginRange(s.margin).lower;
  const least = withTolerance(s, margin);
  // A group as large as the battery has the smallest margin that `auto` can give.
  const group = groupThreshold(least, 1, 1, s);
  const probe = probeThreshold(least, s);
  // Where the battery's tolerance is what a group or probe is given, that is the setting somebody wrote.
  const written = (name: string, own: number | 'auto', value: number) =>
    own === 'auto' && value === s.tolerance ? 'tolerance' : name;
  const below = (name: string, tolerance: number, name2: string, limit: number): Check => [
    name,
    tolerance,
    `a fraction from 0 and below ${name2} (${limit})`,
    (value) => value >= 0 && value < limit,
  ];
  return [
    below('tolerance', least.tolerance, s.margin === 'auto' ? 'the least automatic margin' : 'verdict.margin', margin),
    below(
      written('group-tolerance', s.groupTolerance, group.tolerance),
      group.tolerance,
      'the group margin',
      group.margin,
    ),
    below(
      written('probe-tolerance', s.probeTolerance, probe.tolerance),
      probe.tolerance,
      'verdict.probe-margin',
      probe.margin,
    ),
    below('incoherence-tolerance', s.incoherenceTolerance, 'verdict.incoherence-margin', s.incoherenceMargin),
    below(
      'incoherent-harm-tolerance',
      s.incoherentHarmTolerance,
      'verdict.incoherent-harm-margin',
      s.incoherentHarmMargin,
    ),
    below('refusal-tolerance', s.refusalTolerance, 'verdict.refusal-margin', s.refusalMargin),
  ];
}

/**
 * Whether the settings can lead to a verdict at all.
 * @returns the first problem in one message that names the setting, what was found and what is accepted; null when fine
 */
export function validateVerdictSettings(settings: VerdictSettings): string | null {
  for (const checks of [ranges(settings), tolerances(settings)]) {
    const wrong = checks.find(([, found, , fine]) => found !== 'auto' && !fine(found));
    if (wrong) {
      const [name, found, accepted] = wrong;
      return `verdict.${name} is ${found}; accepted is ${accepted}.`;
    }
  }
  return null;
}
