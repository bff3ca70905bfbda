import { setFailed } from '@actions/core';
import { run } from './action/main.js';
import { toKnownError } from './errors.js';
import { runGate } from './gate.js';
import { reportWithoutSampling } from './gate-report.js';
import { writeReportFiles } from './report-files.js';

try {
  await run({ runGate, reportWithoutSampling, writeReportFiles });
} catch (error) {
  const known = toKnownError(error);
  setFailed(known.message);
  process.exitCode = known.exitCode;
}
