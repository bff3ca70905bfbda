import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Settings } from './config/settings.js';
import { ConfigError } from './errors.js';
import type { Report } from './report/report.js';
import { writeReportFiles } from './report-files.js';

/** What a run is to read and where it is to write. */
export type Folders = Pick<Settings, 'reportDir'> & {
  readonly candidate: Pick<Settings['candidate'], 'reference'>;
  readonly baseline: Pick<Settings['baseline'], 'reference'>;
};

/** What the run reads in report-dir and would overwrite there; null where nothing is. */
export function overwritten({ candidate, baseline, reportDir }: Folders): string | null {
  for (const { reference } of [candidate, baseline]) {
    const [, kind, path = ''] = /^(report|replay):(.*)$/s.exec(reference) ?? [];
    if (kind === 'report' && resolve(dirname(path)) === resolve(reportDir)) return path;
    if (kind === 'replay' && resolve(path) === resolve(reportDir, 'answers.jsonl')) return path;
  }
  return null;
}

/** @throws ConfigError */
export function refuseOverwriting(settings: Folders): void {
  const path = overwritten(settings);
  if (path === null) return;
  throw new ConfigError(
    'config.report-dir',
    `report-dir: ${JSON.stringify(settings.reportDir)}: this run's files would overwrite the recording ${JSON.stringify(path)}; name another folder, or move the recording`,
  );
}

/**
 * Puts a report in the place of an earlier run's, which nobody is to take for this one's. A folder without one is left alone,
 * and so is a baseline recorded for later: that is no verdict.
 * @returns whether there was one
 */
export async function replaceEarlier(folder: string, report: Report): Promise<boolean> {
  const earlier = await readFile(join(folder, 'report.json'), 'utf8').catch(() => null);
  if (earlier === null || !isVerdict(earlier)) return false;
  await writeReportFiles(folder, report);
  return true;
}

/** Anything but a recorded baseline, also what can't be read; another program's file is none of ours. */
function isVerdict(text: string): boolean {
  try {
    const { tool, reasons } = JSON.parse(text) as Partial<Report>;
    return tool?.name === 'misalignment-gate' && reasons?.some(({ code }) => code === 'baseline-recorded') !== true;
  } catch {
    return false;
  }
}
