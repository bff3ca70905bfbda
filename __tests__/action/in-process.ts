import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { type Gate, run } from '../../src/action/main.js';
import type { Settings } from '../../src/config/settings.js';
import { type KnownError, toKnownError } from '../../src/core/errors.js';
import { NO_USAGE } from '../../src/cost/spending.js';
import type { GateResult } from '../../src/gate.js';
import type { Report } from '../../src/report/report.js';
import type { Runner } from './runner.js';

/** A report with nothing measured. */
export function report(more: Partial<Report> = {}): Report {
  return {
    schemaVersion: 1,
    tool: { name: 'misalignment-gate', version: '0.0.0' },
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:00:01.000Z',
    verdict: 'pass',
    reasons: [{ code: 'below-margin', message: 'shown to be below the margin' }],
    headline: 'Headline.',
    ...{
      candidate: null,
      baseline: null,
      judge: null,
      battery: null,
      statistics: null,
      reproduce: null,
      run: null,
      override: null,
    },
    missing: { candidate: {}, baseline: {} },
    usage: { ...NO_USAGE, costUsd: null },
    network: null,
    ...{ settings: [], notes: [], excerpts: [] },
    ...more,
  };
}

export interface Ran {
  readonly exitCode: number;
  readonly log: string;
  /** The settings that reached the gate; null when it was never asked. */
  readonly settings: Settings | null;
  readonly ports: Parameters<Gate['runGate']>[1] | null;
}

export interface FakeGate {
  /** What the gate finds, or is stopped by. */
  readonly verdict?: Report['verdict'];
  readonly failure?: Error;
  readonly more?: Partial<Report>;
  readonly during?: (ports: Parameters<Gate['runGate']>[1]) => Promise<void>;
  /** What later runs compare themselves with. */
  readonly tracks?: GateResult['tracks'];
  readonly writeFails?: boolean;
}

function stoppedBy(error: KnownError, known: Partial<Report>): GateResult {
  const { code, message } = error;
  const headline = `inconclusive: ${message}`;
  return {
    report: report({ verdict: 'inconclusive', reasons: [{ code, message }], headline, ...known }),
    error,
    tracks: null,
  };
}

/** Runs the whole Action in this process, with a gate that asks no model. */
export async function runInProcess(runner: Runner, fake: FakeGate = {}): Promise<Ran> {
  const saved = { env: process.env, exitCode: process.exitCode };
  let log = '';
  const write = jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    log += String(chunk);
    return true;
  });
  let asked: Pick<Ran, 'settings' | 'ports'> = { settings: null, ports: null };
  const gate: Gate = {
    runGate: async (settings, ports) => {
      asked = { settings, ports };
      await fake.during?.(ports);
      const known = { notes: [...ports.notes], run: ports.run, ...fake.more };
      if (fake.failure) return stoppedBy(toKnownError(fake.failure), known);
      return {
        report: report({ verdict: fake.verdict ?? 'pass', ...known }),
        error: null,
        tracks: fake.tracks ?? null,
      };
    },
    reportWithoutSampling: (verdict, reasons, { run, notes }) =>
      report({ verdict, reasons, run, notes, headline: `${verdict}: ${reasons[0]?.message}` }),
    writeReportFiles: async (folder, written) => {
      if (fake.writeFails) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, 'report.json'), JSON.stringify(written));
    },
  };
  process.env = { ...runner.env };
  process.exitCode = 0;
  try {
    await run(gate);
    return { ...asked, log, exitCode: Number(process.exitCode) };
  } finally {
    process.env = saved.env;
    process.exitCode = saved.exitCode;
    write.mockRestore();
  }
}
