import { ConfigError, isKnownError } from '../core/errors.js';
import type { GateResult } from '../gate.js';
import { replaceEarlier, writeReportFiles } from '../output/report-dir.js';
import type { Report } from '../report/report.js';
import { colorful, type Terminal } from './terminal.js';

export type Ended = Pick<GateResult, 'report' | 'error'>;

export interface ReportPlace {
  readonly folder: string;
  /**
   * What the report may take the place of. Where the settings could not be read the folder is a guess: nobody wants a new one.
   * What was recorded for later, or was to be read by this very run, stays.
   */
  readonly replaces: 'anything' | 'a verdict' | 'nothing';
}

/**
 * Writes and prints the report, after an error too: nobody is to find an earlier run's pass where this one's report belongs.
 * @throws the run's error
 */
export async function publish(
  { report, error }: Ended,
  place: ReportPlace,
  json: boolean,
  terminal: Terminal,
): Promise<void> {
  const written = await write(report, place).catch((cause: unknown) => {
    throw error ?? cause;
  });
  // Who asked for JSON gets a report in any case; who did not reads an error's message alone, where nothing was sampled.
  if (json || error === null || report.statistics) await printReport(report, json, terminal);
  if (written) terminal.stderr.write(`Report files: ${place.folder}\n`);
  if (error) throw error;
}

async function write(report: Report, { folder, replaces }: ReportPlace): Promise<boolean> {
  if (replaces === 'nothing') return false;
  try {
    if (replaces === 'a verdict') return await replaceEarlier(folder, report);
    await writeReportFiles(folder, report);
    return true;
  } catch (cause) {
    if (isKnownError(cause)) throw cause;
    const where = JSON.stringify(folder);
    const message = `report-dir: the report can't be written to ${where} (${String(cause)})`;
    throw new ConfigError('config.report-dir', message, { cause });
  }
}

/** The report on stdout: as report.json, or for people. */
export async function printReport(report: Report, json: boolean, terminal: Terminal): Promise<void> {
  const { stdout } = terminal;
  if (json) {
    const { renderJson } = await import('../report/json/report-json.js');
    stdout.write(renderJson(report));
  } else {
    const { renderTerminal } = await import('../report/terminal/report-terminal.js');
    stdout.write(renderTerminal(report, { color: colorful(terminal, stdout), width: stdout.columns ?? 100 }));
  }
}
