import type { Report } from '../report/report.js';
import { colorful, type Terminal } from './terminal.js';

/** The report on stdout: as report.json, or for people. */
export async function printReport(report: Report, json: boolean, terminal: Terminal): Promise<void> {
  const { stdout } = terminal;
  if (json) {
    const { renderJson } = await import('../report/json.js');
    stdout.write(renderJson(report));
  } else {
    const { renderTerminal } = await import('../report/terminal.js');
    stdout.write(renderTerminal(report, { color: colorful(terminal, stdout), width: stdout.columns ?? 100 }));
  }
}
