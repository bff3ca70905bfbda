import { setFailed, setOutput } from '@actions/core';
import { run } from './action/main.js';
import { toKnownError } from './core/errors.js';
import { endProcess } from './core/process-end.js';
import { runGate } from './gate.js';
import { writeReportFiles } from './output/report-dir.js';
import { reportWithoutSampling } from './runs/compose-report.js';

// A log that nobody takes any more ends no run.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
try {
  await run({ runGate, reportWithoutSampling, writeReportFiles });
} catch (error) {
  const known = toKnownError(error);
  setFailed(known.message);
  process.exitCode = known.exitCode;
  setOutput('verdict', 'inconclusive');
}
endProcess(Number(process.exitCode));
