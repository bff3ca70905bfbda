import { createHash } from 'node:crypto';
import { appendFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withoutCommands } from './report/log-text.js';
import type { AnswersFileMark, Report } from './report/report.js';
import type { Drawn } from './sampling/observe.js';
import { makeFolder } from './state/folder.js';

/** Everything but answers.jsonl, which is written while the run goes on. @throws the file system's errors */
export async function writeReportFiles(folder: string, report: Report): Promise<void> {
  const { renderJson } = await import('./report/json.js');
  const { renderMarkdown, SUMMARY_MAX_BYTES } = await import('./report/markdown.js');
  await makeFolder(folder);
  const markdown = renderMarkdown(report, { excerpts: report.excerpts.length, maxBytes: SUMMARY_MAX_BYTES });
  // Somebody's step may print it.
  await replaceFile(join(folder, 'report.md'), withoutCommands(markdown));
  await replaceFile(join(folder, 'report.json'), renderJson(report));
}

/** Whoever reads meanwhile gets the old file or the new one, never half of it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  await writeFile(part, text);
  await rename(part, path);
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
  await writable(folder, path);
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

async function writable(folder: string, path: string): Promise<void> {
  try {
    await makeFolder(folder);
    await writeFile(path, '');
  } catch (cause) {
    await unwritable(folder, cause);
  }
}

/** @throws ConfigError */
async function unwritable(folder: string, cause: unknown): Promise<never> {
  const { ConfigError } = await import('./errors.js');
  const { isFull } = await import('./state/disk.js');
  const where = `report-dir: ${JSON.stringify(folder)}`;
  const message = isFull(cause)
    ? `${where}: the disk is full. Free some space, or name a folder elsewhere, and run again: with resume it goes on from what state-dir keeps`
    : `${where} can't be written to: ${cause instanceof Error ? cause.message : String(cause)}. Name a folder that can`;
  throw new ConfigError('config.report-dir', message, { cause });
}
