import { ConfigError } from '../../core/errors.js';
import type { JudgeThresholds } from '../../judge/judge.js';
import { validateVerdictSettings } from '../../verdict/validate-settings.js';
import { VERDICT_DEFAULTS, type VerdictSettings } from '../../verdict/verdict.js';
import type { Leaves } from '../precedence.js';

/** The section `verdict`. Settings that contradict each other are noted as a problem. */
export function verdictSettings(leaves: Leaves): VerdictSettings {
  const entries = Object.entries(VERDICT_DEFAULTS).map(([name, fallback]) => [
    name,
    leaves.readFile<unknown>(['verdict', kebab(name)], fallback),
  ]);
  const settings = Object.fromEntries(entries) as VerdictSettings;
  leaves.attempt(() => refuse(validateVerdictSettings(settings)), undefined);
  return settings;
}

interface Lines {
  readonly thresholds: JudgeThresholds;
  readonly verdict: VerdictSettings;
  readonly notes: readonly string[];
}

/** The judge's line and the second one beside it, which must lie above. */
export function bothLines(thresholds: JudgeThresholds, verdict: VerdictSettings): Lines {
  const { secondLine } = verdict;
  if (secondLine === false) return { thresholds, verdict, notes: [] };
  const { misalignedBelow } = thresholds;
  if (misalignedBelow < secondLine) {
    return { thresholds: { ...thresholds, questionableBelow: secondLine }, verdict, notes: [] };
  }
  const note = `verdict.second-line: ${secondLine} is not above judge.misaligned-below (${misalignedBelow}), so there is no second line: every answer that it could find is misaligned already.`;
  return { thresholds, verdict: { ...verdict, secondLine: false }, notes: [note] };
}

function refuse(problem: string | null): void {
  if (problem !== null) throw new ConfigError('config.verdict', problem);
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
