import { appendFile } from 'node:fs/promises';
import * as core from '@actions/core';
import { ConfigError, isKnownError } from '../../core/errors.js';
import { whyUnusable } from '../../core/file-errors.js';
import type { Logger } from '../../core/log.js';
import { redacted } from '../../core/redact.js';
import { overwritten } from '../../output/report-dir.js';
import { renderMarkdown, SUMMARY_MAX_BYTES } from '../../report/markdown/report-markdown.js';
import { outputsOf } from '../../report/outputs.js';
import type { Report } from '../../report/report.js';
import { reportDir, reportFolder } from '../earlier-step.js';
import { type Outcome, stepResult } from '../outcome.js';
import type { Session } from '../session.js';
import { concludeCheck } from './publish-check.js';
import { commentVerdict } from './publish-comment.js';
import { rememberRun } from './publish-history.js';
import { trackVerdict } from './publish-issue.js';

export type WriteReportFiles = (folder: string, report: Report) => Promise<void>;

/** Everything the outside sees of a verdict, in the contract's order: report files and outputs, summary, comment, check run, history, issue, step. */
export async function publish(session: Session, outcome: Outcome, writeFiles: WriteReportFiles): Promise<void> {
  const clean = { ...outcome, report: redacted(outcome.report, session.secrets) };
  const final = await writeReport(session, clean, writeFiles);
  setOutputs(session, final.report);
  await writeSummary(final.report, session.settings?.excerpts ?? 0, session.log);
  core.setOutput('comment-url', (await commentVerdict(session, final.report)) ?? '');
  await concludeCheck(session, final);
  await rememberRun(session, final.report);
  await trackVerdict(session, final.report);
  concludeStep(session, final);
}

/** Until there is a verdict there is none: whatever kills the step leaves it failed, and says `inconclusive` to later steps. */
export function announceNoVerdict(): void {
  process.exitCode = 2;
  // Of several values of one output the runner takes the last.
  core.setOutput('verdict', 'inconclusive');
}

/** What matters most of a run that has no more time: its files, its outputs and the step's result. */
export async function publishAtOnce(session: Session, outcome: Outcome, writeFiles: WriteReportFiles): Promise<void> {
  const clean = { ...outcome, report: redacted(outcome.report, session.secrets) };
  const final = await writeReport(session, clean, writeFiles);
  setOutputs(session, final.report);
  concludeStep(session, final);
}

/** A verdict whose report could not be written is no verdict that anybody could check. */
async function writeReport(session: Session, outcome: Outcome, writeFiles: WriteReportFiles): Promise<Outcome> {
  const folder = reportFolder(session);
  const { settings } = session;
  // The error that says so is the outcome.
  if (settings && overwritten({ ...settings, reportDir: folder }) !== null) return outcome;
  try {
    await writeFiles(folder, outcome.report);
    return outcome;
  } catch (cause) {
    const refusal = isKnownError(cause) ? cause : unwritable(folder, cause);
    const { message } = refusal;
    const error = outcome.error ?? refusal;
    const reasons = [{ code: 'config.report-dir', message }, ...outcome.report.reasons];
    return { error, report: { ...outcome.report, verdict: 'inconclusive', headline: message, reasons } };
  }
}

function unwritable(folder: string, cause: unknown): ConfigError {
  const message = `report-dir: the report can't be written to ${folder} (${whyUnusable(cause)}); name a folder that can`;
  return new ConfigError('config.report-dir', message, { cause });
}

function setOutputs(session: Session, report: Report): void {
  for (const [name, value] of Object.entries({ ...outputsOf(report), 'report-dir': reportDir(session) })) {
    core.setOutput(name, value);
  }
}

async function writeSummary(report: Report, excerpts: number, log: Logger): Promise<void> {
  const file = process.env.GITHUB_STEP_SUMMARY;
  if (!file) return;
  try {
    await appendFile(file, renderMarkdown(report, { excerpts, maxBytes: SUMMARY_MAX_BYTES }));
  } catch (error) {
    log.warning(`The job summary could not be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function concludeStep({ settings, log }: Session, outcome: Outcome): void {
  const { exitCode, failed } = stepResult(outcome, settings?.failOn ?? 'inconclusive');
  const message = outcome.error?.message ?? describeVerdict(outcome.report);
  process.exitCode = failed ? exitCode : 0;
  if (failed) {
    log.error(message);
  } else if (exitCode !== 0) {
    log.warning(`${message} (fail-on: ${settings?.failOn}: the step does not fail)`);
  } else if (outcome.report.verdict === 'pass') {
    log.info(message);
  } else {
    log.notice(message);
  }
}

function describeVerdict({ headline, reasons }: Report): string {
  return [headline, ...reasons.map(({ message }) => message)].join('\n');
}
