import { ReportBaseline } from '../baseline/from-report.js';
import type { Logger } from '../core/log.js';
import { counted } from '../core/numbers.js';
import type { Plan } from '../sampling/plan.js';
import { KEPT_DAYS } from '../state/prune.js';
import { voucherOf } from '../state/secret.js';
import { type FolderPorts, type NoState, StateFolder } from '../state/state-dir.js';
import { baselineSubject, runBinding, runSubject } from './journal-keys.js';

export interface RunFolderPorts extends FolderPorts {
  readonly log: Logger;
  /** What all attempts at one verdict share, where the weights themselves are not known: a commit, a run. */
  readonly scope?: string;
}

/** For what books are opened: a verdict, or the recording of a baseline alone. */
export type Purpose = 'verdict' | 'recording';

/**
 * Takes the state directory for this run, and lets it be taken by nobody else.
 * @throws ConfigError when another run has it; ProviderError when the disk is full
 */
export async function takeFolder(
  plan: Plan,
  purpose: Purpose,
  { clock, restore, scope, log }: RunFolderPorts,
): Promise<StateFolder | NoState> {
  const { resume, stateDir, stateKey, judge, candidate, baseline, maxCostUsd } = plan.settings;
  if (!resume) return { why: 'it is switched off' };
  const voucher = voucherOf(stateKey, [judge.apiKey, (purpose === 'verdict' ? candidate : baseline).apiKey]);
  if ('why' in voucher) return voucher;
  const { secret } = voucher;
  const isVerdict = purpose === 'verdict';
  const subjects = {
    run: isVerdict ? runSubject(plan, scope) : null,
    baseline: plan.models.baseline instanceof ReportBaseline ? null : baselineSubject(plan),
  };
  const costsOf = isVerdict && maxCostUsd !== null ? runBinding(plan, scope) : null;
  const folder = await StateFolder.open({ folder: stateDir, secret, subjects, costsOf }, { clock, restore });
  if (!('why' in folder) && folder.pruned > 0) log.info(prunedWords(folder.pruned));
  return folder;
}

function prunedWords(pruned: number): string {
  return `state-dir: ${counted(pruned, 'journal')} of other verdicts, not written to for ${KEPT_DAYS} days, taken away.`;
}
