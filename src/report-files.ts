import { createHash } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, isKnownError } from './errors.js';
import { whyUnusable } from './file-trouble.js';
import { makeFolder, replaceFile } from './folders.js';
import { withoutCommands } from './report/log-text.js';
import type { AnswersFileMark, Report } from './report/report.js';
import type { Drawn } from './sampling/observe.js';
import { isFull } from './state/disk.js';
import { ledAstray } from './workspace.js';

/** Everything but answers.jsonl, which is written while the run goes on. @throws ConfigError where they can't be */
export async function writeReportFiles(folder: string, report: Report): Promise<void> {
  const { renderJson } = await import('./report/json.js');
  const { renderMarkdown, SUMMARY_MAX_BYTES } = await import('./report/markdown.js');
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
      const { renderAnswerRow } = await import('./report/answers.js');
      const { rowOf } = await import('./sampling/observe.js');
      const { redacted } = await import('./report/redact.js');
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
