import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { Ajv } from 'ajv';
import { DEFAULT_REPORT_DIR } from '../config/sections/general-settings.js';
import { stepSuffix } from '../github/comment-marker.js';
import { jobOf, type RunnerEnvironment } from './environment.js';
import { type EarlierStep, inWorkspace, type Session } from './session.js';

interface LeftReport {
  readonly run: { readonly runId: number; readonly runAttempt: number; readonly job: string; readonly step: string };
  readonly settings: readonly { readonly name: string; readonly value: string }[];
}

/** A report is far smaller; what lies in the checkout may be anything. */
const MAX_BYTES = 32 * 1024 * 1024;
const text = { type: 'string' } as const;
const number = { type: 'integer' } as const;
const run = { runId: number, runAttempt: number, job: text, step: text };
const setting = { type: 'object', required: ['name', 'value'], properties: { name: text, value: text } };

const isReport = new Ajv().compile<LeftReport>({
  type: 'object',
  required: ['run', 'settings'],
  properties: {
    run: { type: 'object', required: Object.keys(run), properties: run },
    settings: { type: 'array', items: setting },
  },
});

/** The folder for the report files as outputs name it. Known even when settings could not be resolved. */
export function reportDir(session: Session): string {
  const wanted = wantedDir(session);
  const { environment } = session;
  if (isGiven(session) || environment === null || earlierStep(session) === null) return wanted;
  return `${wanted}-${stepSuffix(environment.step)}`;
}

export function reportFolder(session: Session): string {
  return inWorkspace(session, reportDir(session));
}

/**
 * The check's name: two gates of one job under one name would hide each other's result.
 * @param name the setting `check-name`
 */
export function ownCheckName(session: Session, name: string): string {
  const { environment } = session;
  if (environment === null || earlierStep(session)?.checkName !== name) return name;
  return `${name} (${stepSuffix(environment.step)})`;
}

/** Says what became of names that an earlier step of this job has taken. Once the settings are known, before anything is written. */
export function noteEarlierStep(session: Session): void {
  const earlier = earlierStep(session);
  if (earlier === null) return;
  const { log, settings } = session;
  const other = `the step ${JSON.stringify(earlier.step)} of this job`;
  const folder = JSON.stringify(wantedDir(session));
  log.notice(
    isGiven(session)
      ? `report-dir: ${folder} holds the report of ${other}, and this gate's takes its place, as both steps name that folder. Give each step a report-dir of its own, or none.`
      : `report-dir: ${folder} holds the report of ${other}; this gate's is in ${JSON.stringify(reportDir(session))}. The output report-dir names it.`,
  );
  const { checkName = null } = settings ?? {};
  if (checkName === null || ownCheckName(session, checkName) === checkName) return;
  log.notice(
    `check-name: ${JSON.stringify(checkName)} is the check of ${other}; this gate's is ${JSON.stringify(ownCheckName(session, checkName))}. Give each step a check-name of its own.`,
  );
}

/** Looked for once: afterwards this step's own report may stand in its place. */
function earlierStep(session: Session): EarlierStep | null {
  if (session.earlierStep === undefined) session.earlierStep = lookFor(session);
  return session.earlierStep;
}

function lookFor(session: Session): EarlierStep | null {
  const { environment } = session;
  if (environment === null) return null;
  const report = readReport(resolve(inWorkspace(session, wantedDir(session)), 'report.json'));
  if (report === null || !isOfThisJob(report, environment)) return null;
  return {
    step: report.run.step,
    checkName: report.settings.find(({ name }) => name === 'check-name')?.value ?? null,
  };
}

/** Each step runs once in an attempt; a job after this one on the same machine has a report-dir that is free again. */
function isOfThisJob({ run: left }: LeftReport, environment: RunnerEnvironment): boolean {
  const { runId, runAttempt, step } = environment;
  return (
    left.runId === runId && left.runAttempt === runAttempt && left.job === jobOf(environment) && left.step !== step
  );
}

function wantedDir({ settings, inputs }: Session): string {
  return settings?.reportDir ?? (inputs.values['report-dir'] || DEFAULT_REPORT_DIR);
}

function isGiven({ settings, inputs }: Session): boolean {
  if (settings === null) return (inputs.values['report-dir'] ?? '') !== '';
  return settings.effective.some(({ name, source }) => name === 'report-dir' && source !== 'default');
}

function readReport(path: string): LeftReport | null {
  try {
    const found = statSync(path);
    if (!found.isFile() || found.size > MAX_BYTES) return null;
    const report: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isReport(report) ? report : null;
  } catch {
    return null;
  }
}
