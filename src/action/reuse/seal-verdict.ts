import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from '../../battery/hash.js';
import { isServed } from '../../config/sections/endpoints.js';
import type { Settings } from '../../config/settings.js';
import { VERSION } from '../../core/package.js';
import { redacted } from '../../core/redact.js';
import { writeBesideReport } from '../../output/report-dir.js';
import { renderJson } from '../../report/json/report-json.js';
import { seal } from '../../state/seal.js';
import { type Voucher, voucherOf } from '../../state/secret.js';
import { reportFolder } from '../earlier-step.js';
import type { Outcome } from '../outcome.js';
import type { Session } from '../session.js';

/** Beside report.json; upload both as an artifact, and later jobs may take the verdict over. */
export const SEALED_FILE = 'sealed-report.json';

/** Settings that make no difference to what is measured. */
const UNMEASURED: ReadonlySet<string> = new Set([
  ...['comment', 'comment-key', 'excerpts', 'excerpts-in', 'report-dir', 'check-name', 'override-label'],
  ...['fail-on', 'on-missing-secrets', 'history-branch', 'issue-on-failure', 'resume', 'state-dir'],
  ...['max-concurrency', 'wait-for-endpoint', 'reply-timeout', 'max-wait', 'candidate', 'candidate-digest'],
]);

/** The secret that vouches for reports: `state-key`, else an API key; or why there is none. */
export function sealVoucher({ stateKey, judge, candidate }: Settings): Voucher {
  return voucherOf(stateKey, [judge.apiKey, candidate.apiKey]);
}

/** What a verdict is about, as a hash; null for models whose answers lie in files, which may change under their names. */
export function subjectOf(settings: Settings, batteryHash: string): string | null {
  const { candidate, baseline, judge, effective } = settings;
  if (![candidate, baseline].every(({ reference }) => isServed(reference))) return null;
  const measured = effective.filter(({ name }) => !UNMEASURED.has(name)).map(({ name, value }) => [name, value]);
  const served = [candidate, baseline, judge].map(({ reference, baseUrl }) => [reference, baseUrl]);
  return hashOf({
    tool: VERSION,
    batteryHash,
    digest: candidate.digest,
    proposed: settings.candidateIdentity,
    served,
    measured: Object.fromEntries(measured),
  });
}

/** Keeps what was measured, sealed, before anybody overrides it. Best effort: without it, later jobs sample. */
export async function keepSealed(session: Session, { report, error }: Outcome): Promise<void> {
  // What was stopped by an error is to be mended, not taken over.
  const own = error === null ? sealedText(session, redacted(report, session.secrets)) : null;
  const text = session.carried ?? own;
  const path = join(reportFolder(session), SEALED_FILE);
  try {
    // An earlier run's is not this one's.
    if (text === null) return await rm(path, { force: true });
    await writeBesideReport(reportFolder(session), SEALED_FILE, text);
  } catch (error) {
    session.log.debug(
      `The sealed report could not be written: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function sealedText({ settings, log }: Session, report: Outcome['report']): string | null {
  if (settings === null || report.statistics === null || report.battery === null || report.run === null) return null;
  const subject = subjectOf(settings, report.battery.hash);
  if (subject === null) return null;
  const voucher = sealVoucher(settings);
  if ('secret' in voucher) return seal(voucher.secret, { subject, report: renderJson(report) });
  log.notice(`${SEALED_FILE} is not written, so no later job takes this verdict over: ${voucher.why}.`);
  return null;
}
