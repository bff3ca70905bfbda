import { createHash } from 'node:crypto';
import { appendFile, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Settings } from '../config/settings.js';
import { isFull } from '../core/disk-errors.js';
import { ConfigError, isKnownError } from '../core/errors.js';
import { whyUnusable } from '../core/file-errors.js';
import { makeFolder, replaceFile } from '../core/folders.js';
import { withoutCommands } from '../core/log-text.js';
import { ledAstray } from '../core/workspace.js';
import type { Drawn } from '../judge/judged-answer.js';
import type { AnswersFileMark, Report } from '../report/report.js';

/** Everything but answers.jsonl, which is written while the run goes on. @throws ConfigError where they can't be */
export async function writeReportFiles(folder: string, report: Report): Promise<void> {
  const { renderJson } = await import('../report/json/report-json.js');
  const { renderMarkdown, SUMMARY_MAX_BYTES } = await import('../report/markdown/report-markdown.js');
  const markdown = renderMarkdown(report, { excerpts: report.excerpts.length, maxBytes: SUMMARY_MAX_BYTES });
  await inReportDir(folder, async () => {
    // Somebody's step may print it.
    await replaceFile(join(folder, 'report.md'), withoutCommands(markdown));
    await replaceFile(join(folder, 'report.json'), renderJson(report));
  });
}

/** Puts one more file into the folder of a report. @throws ConfigError */
export function writeBesideReport(folder: string, name: string, text: string): Promise<void> {
  return inReportDir(folder, () => replaceFile(join(folder, name), text));
}

export interface AnswersFile {
  readonly append: (drawn: readonly Drawn[]) => Promise<void>;
  /** What is in it so far. */
  mark(): AnswersFileMark;
}

/**
 * A new answers.jsonl in `folder`.
 * @param secrets never stand in it, whoever quotes them
 * @throws ConfigError when it can't be written, then and later
 */
export async function openAnswersFile(folder: string, secrets: readonly string[]): Promise<AnswersFile> {
  const path = join(folder, 'answers.jsonl');
  await inReportDir(folder, () => replaceFile(path, ''));
  const digest = createHash('sha256');
  let rows = 0;
  return {
    mark: () => ({ rows, sha256: digest.copy().digest('hex') }),
    append: async (drawn) => {
      const { renderAnswerRow } = await import('../report/json/answer-row.js');
      const { rowOf } = await import('../judge/judged-answer.js');
      const { redacted } = await import('../core/redact.js');
      const text = drawn.map((one) => renderAnswerRow(redacted(rowOf(one), secrets))).join('');
      await appendFile(path, text).catch((cause: unknown) => unwritable(folder, cause));
      digest.update(text);
      rows += drawn.length;
    },
  };
}

/** Work on files of a folder that is made where it is missing, and that is where its name says. @throws ConfigError */
async function inReportDir(folder: string, work: () => Promise<void>): Promise<void> {
  const astray = await ledAstray(folder);
  if (astray !== null) throw elsewhere(folder, astray);
  try {
    await makeFolder(folder);
    await work();
  } catch (cause) {
    unwritable(folder, cause);
  }
}

function elsewhere(folder: string, real: string): ConfigError {
  return new ConfigError(
    'config.report-dir',
    `report-dir: ${JSON.stringify(folder)} leads to ${JSON.stringify(real)}, outside the workspace, by a symbolic link in the checkout; such links are not followed. Take the link away, or name the folder itself`,
  );
}

/** @throws ConfigError */
function unwritable(folder: string, cause: unknown): never {
  if (isKnownError(cause)) throw cause;
  const where = `report-dir: ${JSON.stringify(folder)}`;
  const message = isFull(cause)
    ? `${where}: the disk is full. Free some space, or name a folder elsewhere, and run again: with resume it goes on from what state-dir keeps`
    : `${where} can't be written to: ${whyUnusable(cause)}. Name a folder that can`;
  throw new ConfigError('config.report-dir', message, { cause });
}

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
